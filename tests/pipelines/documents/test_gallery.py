"""The gallery: light pictures of a demonstration's pages, and a sentence where there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.documents import gallery

ROOT = Path(__file__).parents[3]


def test_without_a_demonstration_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gallery.main(tmp_path, tmp_path / "gallery") == 1
    assert "make demo" in capsys.readouterr().err
    assert not (tmp_path / "gallery").exists()


def test_what_the_repository_holds_is_light_and_of_every_page() -> None:
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs" / "gallery").glob("*.png")}
    themes = {
        f"{theme}.png" for theme in ("workforce", "recruitment", "experience", "development", "leaving")
    }
    assert themes | {"index.png", "index-narrow.png", "all-quarters.png"} == set(pictures)
    assert max(pictures.values()) < 300_000


def test_pictures_that_the_readme_shows_are_there() -> None:
    shown = re.findall(r"docs/gallery/[\w-]+\.png", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown
    assert all((ROOT / name).is_file() for name in shown)
