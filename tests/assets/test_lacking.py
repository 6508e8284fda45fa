"""Which required extracts a quarter lacks, and what whoever can mend it has to know."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.lacking import lacking, not_released
from assets.profiling import unseen
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.catalogue import DEFAULT
from resources.settings import Settings
from resources.workplace import Workplace

NOW = Quarter.from_key("2026-07-01")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A place where everything came, this quarter and last; what is required is changed by the tests."""
    (tmp_path / "landing").mkdir()
    workplace = Workplace(
        Settings.from_environment(
            {}, catalogue=DEFAULT, landing=tmp_path / "landing", storage=tmp_path / "storage"
        )
    )
    for name in DATASETS:
        for quarter in NOW.window(2):
            record(workplace, name, "received", quarter=quarter)
    return workplace


def record(workplace: Workplace, name: str, state: str, words: str = "", quarter: Quarter = NOW) -> None:
    workplace.lake.put(f"records/{name}", quarter, {"state": state, "words": words}, {})


def test_nothing_is_lacking_where_everything_came(workplace: Workplace) -> None:
    assert lacking(workplace, NOW) == ()


def test_a_refused_extract_has_its_sentence_its_folder_and_the_command(workplace: Workplace) -> None:
    landing = workplace.settings.landing
    file = landing / "leavers_2026-07-01_invented.csv"
    file.write_text("<html>")
    record(
        workplace,
        "leavers",
        "refused",
        "leavers: it is a log-in page. Rule: CSV. What to do: export it again.",
    )
    (found,) = lacking(workplace, NOW)
    assert (found.title, found.state) == ("Leavers", "refused")
    assert found.sentence == (
        "Leavers of Jul to Sep 2026: leavers: it is a log-in page. Rule: CSV. What to do: export it again. "
        f"It lies in {landing}; race-equality check {file} --dataset leavers --quarter 2026-07-01 says all that is wrong."
    )
    assert not_released(NOW, [found]).splitlines() == [
        "Jul to Sep 2026 is not released. Leavers: refused.",
        found.sentence,
    ]


def test_a_missing_extract_says_where_it_was_looked_for(workplace: Workplace) -> None:
    record(workplace, "leavers", "not received", "no extract was found")
    (found,) = lacking(workplace, NOW)
    assert found.state == "not received"
    assert f"no file leavers_2026-07-01_invented.csv lies in {workplace.settings.landing}" in found.sentence


def test_an_extract_that_was_not_read_yet_is_not_said_to_be_missing(workplace: Workplace) -> None:
    found = lacking(workplace, NOW.plus(1))
    assert {each.title for each in found} == {"Staff in post", "Recruitment", "Leavers"}
    assert all("nothing was read for this quarter yet" in each.sentence for each in found)


def test_what_is_not_required_is_never_lacking_but_nothing_is_known_of_it(workplace: Workplace) -> None:
    record(workplace, "learning_budget", "refused", "it is a log-in page")
    record(workplace, "exit_interviews", "not received")
    assert lacking(workplace, NOW) == ()
    assert set(unseen(workplace, NOW)) == {
        (DATASETS["learning_budget"].title, "refused"),
        (DATASETS["exit_interviews"].title, "not received"),
    }


def test_a_yearly_extract_lacks_nothing_for_a_year(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = workplace.catalogue.organisation.model_copy(
        update={"required_datasets": ("staff_survey",)}
    )
    monkeypatch.setattr(
        workplace, "catalogue", workplace.catalogue.model_copy(update={"organisation": organisation})
    )
    record(workplace, "staff_survey", "not received")
    assert lacking(workplace, NOW) == ()
    assert not list(unseen(workplace, NOW))
    record(workplace, "staff_survey", "not received", quarter=NOW.plus(-1))
    assert [each.title for each in lacking(workplace, NOW)] == [DATASETS["staff_survey"].title]
