"""The words of a board paper: dates and sections may stand in them, figures may not."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from disparity.catalogue import BoardPaper
from disparity.catalogue.board_paper import Action

SAID = {
    "purpose": "decision",
    "decision": "The board is asked to agree the actions.",
    "sponsor": "Chief people officer",
    "author": "Head of people analytics",
    "objective": "Fair treatment.",
    "risk": "Skills are lost.",
    "duties": ["Equality Act 2010, section 149"],
}


@pytest.mark.parametrize(
    "words",
    [
        "Equality Act 2010, section 149(1)",
        "Agreed on 26 November 2026 for 2026/27",
        "Workforce Race Equality Standard, indicators 2 and on",
        "Schedule 19; part 5; article 14",
        "By 31 March 2027, with the staff network",
    ],
)
def test_dates_years_and_places_in_an_act_may_stand(words):
    assert BoardPaper.model_validate(SAID | {"risk": words}).risk == words


@pytest.mark.parametrize(
    "words",
    [
        "The ratio is 1.74.",
        "We lose 37 people.",
        "12% of applicants",
        "ten per cent of applicants",
        "It costs £2010.",
        "2010% more",
        "2,010 applicants",
        "26 Novembers",
        "section 149 and 37 people",
    ],
)
@pytest.mark.parametrize("field", ["decision", "sponsor", "objective", "risk", "meeting"])
def test_a_figure_typed_by_hand_is_refused_and_the_rule_is_said(words, field):
    with pytest.raises(ValidationError, match="come from the release, which protects them"):
        BoardPaper.model_validate(SAID | {field: words})


def test_so_it_is_in_actions_and_duties():
    with pytest.raises(ValidationError, match="say it without the number"):
        Action.model_validate({"action": "Appoint 12 people.", "owner": "CPO", "by": "31 March 2027"})
    with pytest.raises(ValidationError, match="say it without the number"):
        BoardPaper.model_validate(SAID | {"duties": ["Rule of 4 in 5"]})


def test_its_words_are_all_that_is_written_freely():
    paper = BoardPaper.model_validate(
        SAID | {"actions": [{"action": "Act.", "owner": "Chair", "by": "31 March 2027"}]}
    )
    assert set(paper.words) >= {"Act.", "Chair", "31 March 2027", "Skills are lost.", *SAID["duties"]}
