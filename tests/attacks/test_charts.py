"""Attack: marks of a chart stand where the values are; through the axis their places are read back as data.

A drawing has six decimals of a point, so that it tells what it is given to the last digit, whatever its labels say.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest

from reports.reading_back.svg_parts import Drawing, read_drawing

DOTS, LADDER = "appointed_from_shortlisting", "ethnic_minority_share_of_staff"
# 3 of 14 by its rule alone is hidden; 24 and 26 of 54 and 55 are shown alike.
WHOLE, ALIKE = (300, 121, 53, 24, 0, 0), (298, 118, 57, 26, 0, 0)
BANDS = {"Band 5": (54, 24), "Band 6": (56, 25), "Band 7": (46, 20)}
BANDS_ALIKE = {"Band 5": (55, 23), "Band 6": (55, 26), "Band 7": (46, 20)}


def values_of_marks(drawing: Drawing) -> dict[str, float]:
    """Read the value of every mark off the axis along the foot, as one would with a ruler."""
    ticks = [
        (float(re.sub(r"[^\d.]", "", part.text)), part.paths[0][0][0])
        for name, part in drawing.parts.items()
        if name.startswith("xtick_")
    ]
    slope, start = np.polyfit(*np.array(ticks)[:, ::-1].T, 1)
    marked = {name: part.marks for name, part in drawing.parts.items() if name.startswith("now-")}
    return {name: float(slope * marks[0][0] + start) for name, marks in marked.items()}


@pytest.fixture
def appointed(counted: Any) -> Any:
    """Make counts of two groups of applicants."""
    return lambda cells: counted(DOTS, {"all": cells})


@pytest.fixture
def staff(counted: Any) -> Any:
    """Make counts of the ethnic minority share of every band."""

    def made(bands: dict[str, tuple[int, int]]) -> pl.DataFrame:
        people, of_them = (sum(each) for each in zip(*bands.values(), strict=True))
        rows: dict[str, Any] = {"all": (None, None, people, of_them, 0, None)}
        rows |= {band: (people - n, of_them - x, n, x, 0, None) for band, (n, x) in bands.items()}
        return counted(LADDER, rows, of="ethnic_minority")

    return made


def test_marks_of_two_groups_give_the_exact_percentages(appointed: Any, analyst: Any) -> None:
    """45.28% is 24 of 53, and of no other group of up to 90 people."""
    read = values_of_marks(read_drawing(analyst.files(appointed(WHOLE))[f"{DOTS}.svg"]))
    assert read["now-group"] == pytest.approx(45.28, abs=0.0005)
    could_be = {
        (x, n) for n in range(1, 90) for x in range(n + 1) if abs(100 * x / n - read["now-group"]) < 0.0051
    }
    assert could_be == {(24, 53)}


def test_marks_of_bands_give_the_exact_percentages(staff: Any, analyst: Any) -> None:
    read = values_of_marks(read_drawing(analyst.files(staff(BANDS))[f"{LADDER}.svg"]))
    exact = [100 * x / n for n, x in BANDS.values()]
    assert list(read.values()) == pytest.approx(exact, abs=0.0051)


def test_published_marks_stand_where_the_shown_counts_put_them(
    appointed: Any, staff: Any, published: Any
) -> None:
    for name, counts in ((DOTS, appointed(WHOLE)), (LADDER, staff(BANDS))):
        read = values_of_marks(read_drawing(published.files(counts)[f"{name}.svg"]))
        printed = published.printed(counts)
        shown = {float(each) for each in {*printed["group_value"], *printed["reference_value"]} - {""}}
        assert read
        for mark, value in read.items():
            assert min(abs(value - each) for each in shown) < 0.0005, (name, mark)
            assert value == pytest.approx(round(value), abs=0.0005), "a whole percentage"


def test_counts_that_are_shown_alike_are_drawn_alike(appointed: Any, staff: Any, published: Any) -> None:
    """To the last byte of SVG and PNG: nothing is left to measure."""
    for name, counts, other in (
        (DOTS, appointed(WHOLE), appointed(ALIKE)),
        (LADDER, staff(BANDS), staff(BANDS_ALIKE)),
    ):
        first, second = published.files(counts), published.files(other)
        assert first[f"{name}.svg"] == second[f"{name}.svg"]
        assert first[f"{name}.png"] == second[f"{name}.png"]


def test_a_hidden_count_has_no_mark(staff: Any, published: Any, analyst: Any) -> None:
    bands = BANDS | {"Band 8a": (21, 3)}
    drawn = read_drawing(published.files(staff(bands))[f"{LADDER}.svg"])
    marked = [name for name in drawn.parts if name.startswith("now-")]
    exactly = read_drawing(analyst.files(staff(bands))[f"{LADDER}.svg"])
    assert len([name for name in exactly.parts if name.startswith("now-")]) == len(bands)
    assert "now-3" not in marked
    assert drawn.text_of("label-3") == "[c]"
