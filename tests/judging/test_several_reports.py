"""Reports of successive quarters, by hand: windows that overlap say what a quarter was, to the judge and to the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from judge.holdings import Reader
from judge.judgement import judge, left_to
from judging.small_organisation import HIDDEN, QUARTER, Row, audited, catalogue_in, policy_of, table_in

INTERVIEWED = {
    "kind": "rows", "theme": "recruitment", "dataset": "recruitment", "base": "shortlisted", "event": "interviewed",
}  # fmt: skip
INDICATORS: dict[str, dict[str, Any]] = {
    "in_a_quarter": INTERVIEWED | {"quarters": 1},
    "in_a_year": INTERVIEWED | {"quarters": 4},
}
FIRST = QUARTER.plus(-3)
QUARTERS = ((30, 20), (28, 15), (25, 12))


def reports(folder: Path, *, of_the_year: int | str) -> list[Path]:
    """Publish four quarters, of which the last is hidden, and with it the year."""
    shown = [
        table_in(
            folder,
            [Row("in_a_quarter", reference=(50, 40), group=(base, events), unknown=(0, 0))],
            FIRST.plus(at),
        )
        for at, (base, events) in enumerate(QUARTERS)
    ]
    last = [
        Row("in_a_quarter", reference=(50, 40), group=(22, HIDDEN), unknown=(0, 0)),
        Row("in_a_year", reference=(200, 160), group=(105, of_the_year), unknown=(0, 0), quarters=4),
    ]
    return [*shown, table_in(folder, last)]


@pytest.mark.parametrize(("of_the_year", "exactly"), [(52, 5), (HIDDEN, None)])
def test_a_year_less_three_of_its_quarters_is_the_fourth(
    of_the_year: int | str, exactly: int | None, tmp_path: Path
) -> None:
    catalogue = catalogue_in(tmp_path / "catalogue", INDICATORS)
    reader = Reader(reports(tmp_path, of_the_year=of_the_year), catalogue, policy_of(catalogue))
    assert [left.least for left in left_to(reader) if left.least == left.greatest] == (
        [exactly] if exactly else []
    )
    found = audited(catalogue, tmp_path / "storage", tmp_path / "published")
    assert judge(reader).passed == found["nobody_can_be_recovered"] == (exactly is None)
