"""Reading the captions back: nothing is found in them as they are, and every tampering is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.charts.drawing import charts_of
from reports.pages.captions import captions_csv
from reports.reading_back.files import CAPTIONS, unexplained


@pytest.fixture(scope="module")
def files(release, catalogue) -> dict[str, bytes]:
    charts = charts_of(release, catalogue)
    pictures = {
        f"{name}.{kind}": getattr(chart, kind) for name, chart in charts.items() for kind in ("svg", "png")
    }
    return pictures | {CAPTIONS: captions_csv(release, charts)}


def test_captions_as_they_are_have_nothing_without_origin(files, release, catalogue):
    assert unexplained(files, release, catalogue, secrets=["jsmith"]) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("file,title", "file,seen,title", "its columns"),
        ("appointed.png", "appointed-2.png", "its pictures are not those of the release"),
        ("1.68", "1.69", "row 1, alt_text"),
        ("1.68 times as likely", "1.69 times as likely", "row 4, title"),
        ("14%", "13%", "row 4, alt_text"),
        ("Restricted: for named readers", "Published: for all staff", "row 1, source"),
        ('about nobody."\n', 'about nobody.",37\n', "row 1: it has more or fewer cells"),
        ('about nobody."\n', 'about nobody."\n37,37\n', "its pictures"),
        ("Jul to Sep 2026", "jsmith", "a name of this machine"),
    ],
)
def test_every_tampering_is_found(files, release, catalogue, old, new, where):
    content = files[CAPTIONS].decode()
    assert old in content
    findings = unexplained(
        files | {CAPTIONS: content.replace(old, new, 1).encode()}, release, catalogue, secrets=["jsmith"]
    )
    assert any(where in each for each in findings if each.startswith(f"{CAPTIONS}: ")), findings
    assert not any("jsmith" in each or "37" in each for each in findings)


def test_a_picture_without_a_caption_is_found(files, release, catalogue):
    content = b"".join(files[CAPTIONS].splitlines(keepends=True)[:-1])
    assert any(
        "its pictures" in each for each in unexplained(files | {CAPTIONS: content}, release, catalogue)
    )


def test_a_caption_without_a_drawing_is_found(files, release, catalogue):
    fewer = {name: content for name, content in files.items() if name != "appointed.svg"}
    assert any(each.startswith(CAPTIONS) for each in unexplained(fewer, release, catalogue))


def test_bytes_that_are_no_text_are_found(files, release, catalogue):
    assert unexplained(files | {CAPTIONS: b"\xff\xfe"}, release, catalogue)


def test_a_name_that_a_spreadsheet_would_run_is_read_back(files, release, catalogue):
    called = replace(release, organisation=release.organisation.model_copy(update={"name": "=cmd()"}))
    captions = captions_csv(called, charts_of(called, catalogue))
    assert b",'=cmd()" in captions or b",\"'=cmd()" in captions
    assert unexplained(files | {CAPTIONS: captions}, called, catalogue) == []
