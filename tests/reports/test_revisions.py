"""Which quarters were revised and why: every vintage after the first, with its reason or plainly without one."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from disparity.catalogue.revisions import Revision
from reports.release import from_json, revisions_in, to_json
from reports.revisions import Revised, revisions_of
from reports.spreadsheets import open_spreadsheet
from reports.workbook import workbook

WHY = "The appointments of 30 June 2026 were sent again & counted."
JUNE = dt.date(2026, 6, 30)
RECORDED = {
    JUNE: {
        2: Revision(reason="Sent again."),
        3: Revision(reason="An objection.", reason_for={"published": "Bands."}),
    }
}


@pytest.mark.parametrize(("audience", "last"), [("restricted", "An objection."), ("published", "Bands.")])
def test_every_vintage_after_the_first_has_its_reason_for_its_audience(frame, row, audience, last):
    tables = (frame([row("appointed", back=1, vintage=3)]), frame([row("appointed", vintage=1)]))
    assert revisions_of(tables, RECORDED, audience) == (
        Revised("2026-06-30", 2, "Sent again."),
        Revised("2026-06-30", 3, last),
    )


def test_what_has_no_reason_says_so(frame, row):
    tables = (frame([row("leavers", vintage=2)]), frame([row("appointed", back=1, vintage=2)]))
    found = revisions_of(tables, {}, "published")
    assert [each.words for each in found] == [
        "Apr to Jun 2026, vintage 2: No reason is recorded.",
        "Jul to Sep 2026, vintage 2: No reason is recorded.",
    ]


def test_a_first_release_revised_nothing_whatever_is_recorded(frame, row):
    assert revisions_of([frame([row("appointed", back=1)])], RECORDED, "published") == ()


def test_they_are_frozen_and_read_back(release):
    told = replace(release, revisions=(*release.revisions, Revised("2026-09-30", 2)))
    assert from_json(to_json(told)).revisions == revisions_in(to_json(told)) == told.revisions
    assert json.loads(to_json(told))["revisions"][1] == {
        "period_end": "2026-09-30",
        "reason": None,
        "vintage": 2,
    }


def test_a_release_frozen_before_there_were_any_has_none(release):
    before = json.loads(to_json(release))
    del before["revisions"]
    content = json.dumps(before).encode()
    assert from_json(content).revisions == revisions_in(content) == ()


def test_the_workbook_says_why_on_its_cover_and_in_its_notes(release, catalogue):
    told = replace(release, revisions=(*release.revisions, Revised("2026-09-30", 2)))
    sheets = {sheet.name: sheet for sheet in open_spreadsheet(workbook(told, catalogue)).sheets}
    cover = list(sheets["Cover"].cells.values())
    assert "Revised [r]. Jul to Sep 2026, vintage 2: No reason is recorded." in cover
    assert not any("Apr to Jun" in str(line) for line in cover)
    notes = {value: sheets["Notes"].cells.get((at, 2)) for (at, _), value in sheets["Notes"].cells.items()}
    assert notes["Revised [r]: Apr to Jun 2026, vintage 2"] == WHY
    assert notes["Revised [r]: Jul to Sep 2026, vintage 2"] == "No reason is recorded."
