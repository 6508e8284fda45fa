"""Commentary in the catalogue folder: read by quarter, each mistake with file and line, and no part of the hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from disparity.refusal import Refusal
from resources.catalogue import COMMENTARY, DEFAULT, load_catalogue, method_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(DEFAULT, tmp_path / "catalogue", ignore=shutil.ignore_patterns(COMMENTARY)))
    (copied / COMMENTARY).mkdir()
    return copied


def refused(folder: Path) -> str:
    with pytest.raises(Refusal) as found:
        load_catalogue(folder)
    return str(found.value).replace(f"{folder}/", "")


def test_the_default_catalogue_speaks_of_its_samples_last_quarter():
    assert {"2026-07-01"} == set(load_catalogue(DEFAULT).commentary)


def test_a_catalogue_needs_none(folder: Path) -> None:
    (folder / COMMENTARY).rmdir()
    assert load_catalogue(folder).commentary == {}


def test_each_quarter_has_its_own(folder: Path) -> None:
    for key in ("2026-04-01", "2026-07-01"):
        (folder / COMMENTARY / f"{key}.md").write_text(
            "By: Analyst\n\nOf {{ leavers_per_100_staff.period }}."
        )
    (folder / COMMENTARY / "notes.txt").write_text("37 left")
    assert set(load_catalogue(folder).commentary) == {"2026-04-01", "2026-07-01"}


def test_a_number_is_refused_with_its_file_and_line(folder: Path) -> None:
    (folder / COMMENTARY / "2026-07-01.md").write_text("By: Analyst\n\nGood.\n\n37 people left.\n")
    assert refused(folder).startswith("commentary/2026-07-01.md, line 5: '37' is a number typed by hand;")


@pytest.mark.parametrize("name", ["summer.md", "2026-07-02.md", "2026-07-01-recruitment.md"])
def test_a_commentary_is_named_by_its_quarter(folder: Path, name: str) -> None:
    (folder / COMMENTARY / name).write_text("By: Analyst\n\nGood.\n")
    assert "named by its quarter's first day, such as 2026-07-01.md" in refused(folder)


def test_another_encoding_is_refused(folder: Path) -> None:
    (folder / COMMENTARY / "2026-07-01.md").write_bytes("By: Analyst\n\nCafé.\n".encode("latin-1"))
    assert refused(folder) == "commentary/2026-07-01.md: it is not UTF-8; save it as that"


def test_it_changes_no_figure_and_so_not_the_method(folder: Path) -> None:
    before = method_of(folder)
    (folder / COMMENTARY / "2026-07-01.md").write_text("By: Analyst\n\nGood.\n")
    assert method_of(folder) == before
