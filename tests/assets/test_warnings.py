"""The checks of a release that warn and hold nothing back."""

from __future__ import annotations

from types import SimpleNamespace

from assets.releasing import warn_of_release
from reports.release.revisions import Revised


def warned(*revisions: Revised) -> tuple[bool, str]:
    return warn_of_release(SimpleNamespace(revisions=revisions))["revisions_have_reasons"]


def test_a_revision_without_a_reason_is_told_with_the_place_for_it() -> None:
    passed, words = warned(Revised("2026-06-30", 2, "Sent again."), Revised("2026-06-30", 3))
    assert not passed
    assert (
        "Apr to Jun 2026, vintage 3: figures that were published are others now, and nothing says why"
        in words
    )
    assert (
        "write it in revisions.yaml of the catalogue, 2026-06-30, 3, reason, and run the quarter again"
        in words
    )
    assert "vintage 2" not in words


def test_nothing_is_warned_of_where_all_is_said_or_nothing_was_revised() -> None:
    assert warned(Revised("2026-06-30", 2, "Sent again."))[0]
    assert warned()[0]
