"""What an example catalogue says of its invented organisation is refused in the catalogue of a real one, with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from disparity.refusal import Refusal
from resources.catalogue import load_catalogue
from resources.examples import examples

ROOT = Path(__file__).parents[2]
EXAMPLES = [ROOT / "catalogue", *sorted((ROOT / "catalogue_examples").glob("*"))]


@pytest.fixture(params=EXAMPLES, ids=lambda folder: folder.name)
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an example as the catalogue of a real organisation."""
    folder: Path = shutil.copytree(request.param, tmp_path / "own")
    organisation = folder / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    assert "\ninvented: true\n" in text
    organisation.write_text(text.replace("\ninvented: true\n", "\n"), encoding="utf-8")
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(Refusal) as raised:
        load_catalogue(folder)
    return str(raised.value).splitlines()


def _line_of(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(at for at, line in enumerate(lines, start=1) if line.strip().startswith(start))


def test_every_text_of_an_example_is_pointed_at_in_its_line(copied: Path) -> None:
    told = refused(copied)
    assert all("what an example catalogue says of an invented organisation" in each for each in told)
    for file, start in (
        ("organisation.yaml", "recorded_by:"),
        ("board_paper.yaml", "decision:"),
        ("board_paper.yaml", "risk:"),
        ("board_paper.yaml", "- action:"),
    ):
        place = f"{copied / file}, line {_line_of(copied / file, start)}, "
        assert any(each.startswith(place) for each in told), place
    # What every organisation may say alike: roles, duties, dates.
    assert not [each for each in told if any(key in each for key in ("sponsor", "author", "owner", "duties"))]
    if (copied / "targets.yaml").exists():
        targets = copied / "targets.yaml"
        place = f"{targets}, line {_line_of(targets, 'ethnic_minority_share_of_senior_managers')}, "
        assert any(each.startswith(place) for each in told)
        assert any(each.startswith(f"{copied / 'commentary' / '2026-07-01.md'}, line 3: ") for each in told)


def test_an_organisation_with_its_own_words_is_loaded(copied: Path) -> None:
    shutil.rmtree(copied / "commentary", ignore_errors=True)
    for name in ("board_paper.yaml", "targets.yaml"):
        (copied / name).unlink(missing_ok=True)
    organisation = copied / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    own = "\n".join(
        line.partition(":")[0] + ": Minutes of March" if line.strip().startswith("recorded_by:") else line
        for line in text.splitlines()
    )
    organisation.write_text(own, encoding="utf-8")
    assert not load_catalogue(copied).organisation.invented


def test_the_examples_are_those_beside_the_code() -> None:
    assert len(examples()) == len(EXAMPLES)
    assert all(example.texts for example in examples())
