"""What made a release: a file that says so, is read back with the others, and is no part of what is approved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from disparity.catalogue import Method
from reports.reading_back.files import unexplained
from reports.release.provenance import PROVENANCE, Provenance, content_sha256

METHOD = dict.fromkeys(Method.model_fields, "ab" * 32)


def made(files, **changes):
    """Return the provenance of some files, with changes."""
    right = Provenance(
        content_sha256(files), "0.1.0 (0123456789ab)", "cd" * 32, METHOD, {"leavers": ["ef" * 32]}
    )
    return replace(right, **changes)


@pytest.fixture
def findings(release, catalogue):
    """Read back a file of provenance alone."""

    def of(content):
        return unexplained({PROVENANCE: content}, release, catalogue, secrets=["jsmith"])

    return of


def test_it_reads_back_as_it_was():
    provenance = made({}, dependencies=None)
    assert Provenance.from_json(provenance.to_json()) == provenance


def test_what_is_approved_is_every_other_file_with_its_name():
    files = {"index.html": b"page", "release.json": b"frozen"}
    one = content_sha256(files)
    assert content_sha256(files | {PROVENANCE: b"anything"}) == one
    assert content_sha256(files | {"index.html": b"Page"}) != one
    assert content_sha256({"index.htm": b"page", "release.json": b"frozen"}) != one


def test_as_it_is_nothing_in_it_is_without_origin(findings):
    assert findings(made({}).to_json()) == []
    assert findings(made({}, software="0.2.0rc1", dependencies=None).to_json()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"content": "12" * 32}, "it belongs to other files"),
        ({"software": "0.1.0, 37 people"}, "its software is no version"),
        ({"method": {"indicators": "ab" * 32}}, "its method has other parts"),
        ({"method": METHOD | {"survey": "37"}}, "a hash in it is none"),
        ({"dependencies": "37"}, "a hash in it is none"),
        ({"extracts": {"wards": ["ef" * 32]}}, "it names an extract that there is not"),
        ({"extracts": {"leavers": ["leavers_2026.csv"]}}, "a hash in it is none"),
        ({"extracts": {"jsmith": []}}, "a name of this machine or its user"),
    ],
)
def test_what_it_should_not_say_is_found(findings, changes, words):
    found = findings(made({}, **changes).to_json())
    assert any(f"{PROVENANCE}: {words}" in each for each in found)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"content": "ab"}', b"\xff"])
def test_what_is_no_provenance_cannot_be_read(findings, content):
    assert findings(content) == [f"{PROVENANCE}: it cannot be read as what its name says."]


def test_it_belongs_to_the_files_it_lies_with(release, catalogue):
    files = {"release.schema.json": b"{}"}
    right = unexplained(files | {PROVENANCE: made(files).to_json()}, release, catalogue)
    assert not [each for each in right if each.startswith(PROVENANCE)]
    other = unexplained(files | {PROVENANCE: made({}).to_json()}, release, catalogue)
    assert [each for each in other if each.startswith(PROVENANCE)]
