"""What a restated quarter carries with it."""

from __future__ import annotations

from types import SimpleNamespace

from assets.recording import later_windows
from disparity.periods import Quarter
from resources.catalogue import DEFAULT, load_catalogue


def test_later_windows_are_those_that_hold_a_quarter_or_tell_their_change_from_one_that_does() -> None:
    restated = Quarter.from_key("2024-01-01")
    counted = {restated.plus(ahead) for ahead in range(-2, 20) if ahead != 2}
    lake = SimpleNamespace(holds=lambda place, quarter: quarter in counted)
    told = later_windows(SimpleNamespace(catalogue=load_catalogue(DEFAULT), lake=lake), restated)  # type: ignore[arg-type]
    assert told.split(", ") == [restated.plus(ahead).words for ahead in (1, 3, 4, 5, 6, 7)]
