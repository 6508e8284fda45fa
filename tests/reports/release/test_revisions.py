"""Which published figures are others now, and why: with the reason or plainly without one."""

from __future__ import annotations

import json
from dataclasses import replace

from disparity.periods import Quarter
from reports.reading_back.xlsx_parts import open_spreadsheet
from reports.release.frozen import from_json, revisions_in, to_json
from reports.release.revisions import Revised, revisions_of
from reports.workbook.writing import workbook

WHY = "The appointments of 30 June 2026 were sent again & counted."
JUNE = Quarter.from_key("2026-04-01")
SHOWN = {"reference_value": 22.0, "group_value": 14.0, "ratio": 1.57}
HIDDEN = {"status": "[c]"}


def found(before, after, reasons=None):
    """Return what a second vintage revises of a first one that was published."""
    return revisions_of(JUNE, [(1, before), (2, after)], reasons or {})


def test_every_published_vintage_that_changed_a_number_has_its_reason(frame, row):
    states = [
        (at, frame([row("appointed", back=1, **SHOWN | {"ratio": at / 2}, vintage=at)])) for at in (1, 3, 4)
    ]
    assert revisions_of(JUNE, states, {2: "Never published.", 3: "Sent again."}) == (
        Revised("2026-06-30", 3, "Sent again.", ("appointed/all/all",)),
        Revised("2026-06-30", 4, None, ("appointed/all/all",)),
    )


def test_a_first_publication_revises_nothing_whatever_its_number(frame, row):
    states = [(3, frame([row("appointed", back=1, **SHOWN, vintage=3)]))]
    assert revisions_of(JUNE, states, {3: "Sent again."}) == ()


def test_only_figures_shown_before_and_now_that_differ_are_named(frame, row):
    def state(new=HIDDEN, **of_appointed):
        return frame(
            [
                row("appointed", back=1, **SHOWN | of_appointed),
                row("leavers", back=1, **new),
                row("share_of_staff", back=1, **SHOWN),
            ]
        )

    (one,) = found(state(), state(new=SHOWN, ratio=1.6))
    assert one.figures == ("appointed/all/all",)
    # A count is a figure too, where its rate is hidden.
    counted = HIDDEN | {"group_base": 20.0}
    (one,) = found(state(new=counted), state(new=counted | {"group_base": 25.0}))
    assert one.figures == ("leavers/all/all",)
    # What was not shown before is news and no revision.
    assert found(state(), state(new=SHOWN)) == ()
    # A q-value is another when a figure is added beside it.
    assert found(state(q_value=0.2), state(q_value=0.3, new=SHOWN)) == ()


def test_a_figure_that_is_shown_no_more_makes_a_revision_and_is_not_named(frame, row):
    before = frame([row("appointed", back=1, **SHOWN), row("leavers", back=1, **SHOWN)])
    (one,) = found(before, frame([row("appointed", back=1, **HIDDEN), row("leavers", back=1, **SHOWN)]))
    assert one.figures == ()
    assert one.words == "Apr to Jun 2026, vintage 2: No reason is recorded."
    (left_out,) = found(before, frame([row("leavers", back=1, **SHOWN)]))
    assert left_out.figures == ()


def test_a_figure_is_marked_where_it_is_named_and_of_that_vintage(row):
    one = Revised("2026-06-30", 2, None, ("appointed/all/all",))
    assert one.concerns(row("appointed", back=1, vintage=3))
    assert not one.concerns(row("leavers", back=1, vintage=3))
    assert not one.concerns(row("appointed", back=2, vintage=3)), "of another quarter"
    assert not one.concerns(row("appointed", back=1, vintage=1)), "of the vintage before"
    # An earlier version named none.
    assert Revised("2026-06-30", 2).concerns(row("leavers", back=1, vintage=2))


def test_they_are_frozen_and_read_back(release):
    told = replace(
        release, revisions=(*release.revisions, Revised("2026-09-30", 2, None, ("appointed/all/all",)))
    )
    assert from_json(to_json(told)).revisions == revisions_in(to_json(told)) == told.revisions
    before, now = json.loads(to_json(told))["revisions"]
    assert before == {"period_end": "2026-06-30", "reason": WHY, "vintage": 2}, (
        "as an earlier version froze it"
    )
    assert now == {"period_end": "2026-09-30", "reason": None, "vintage": 2, "figures": ["appointed/all/all"]}


def test_a_release_frozen_before_there_were_any_has_those_of_its_vintage(release):
    before = json.loads(to_json(release))
    del before["revisions"]
    content = json.dumps(before).encode()
    assert from_json(content).revisions == revisions_in(content) == ()
    for each in before["estimates"]:
        each["vintage"] = 3
    assert revisions_in(json.dumps(before).encode()) == (Revised("2026-09-30", 2), Revised("2026-09-30", 3))


def test_the_workbook_says_why_on_its_cover_and_in_its_notes(release, catalogue):
    told = replace(release, revisions=(*release.revisions, Revised("2026-09-30", 2)))
    sheets = {sheet.name: sheet for sheet in open_spreadsheet(workbook(told, catalogue)).sheets}
    cover = list(sheets["Cover"].cells.values())
    assert "Revised [r]. Jul to Sep 2026, vintage 2: No reason is recorded." in cover
    assert not any("Apr to Jun" in str(line) for line in cover)
    notes = {value: sheets["Notes"].cells.get((at, 2)) for (at, _), value in sheets["Notes"].cells.items()}
    assert notes["Revised [r]: Apr to Jun 2026, vintage 2"] == WHY
    assert notes["Revised [r]: Jul to Sep 2026, vintage 2"] == "No reason is recorded."
