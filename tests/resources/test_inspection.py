"""What a check gathers while a file is read: wrong words of a category, bounded, and faults."""

from __future__ import annotations

import csv

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue import Source
from disparity.refusal import Refusal
from resources.delimited import delimited_table
from resources.inspection import Inspection, WithheldWords, going_on


def test_of_a_category_the_right_words_are_counted_and_the_wrong_ones_are_not_shown() -> None:
    words, right = WithheldWords(), ("Band 5", "Band 6")
    words.of_category("band", pl.Series(["band5", "band5", "BAND 6", "Quince", None]), right)
    words.of_category("band", pl.Series(["band5"]), right)
    assert dict(words.nearest) == {"band": {"Band 5": 3, "Band 6": 1, None: 1}}
    assert "Quince" not in repr(words)


def test_a_column_of_free_text_is_compared_no_further_than_a_moment_allows() -> None:
    words = WithheldWords()
    words.of_category("band", pl.Series([f"text {number}" for number in range(5000)]), ("Band 5",))
    assert words.nearest["band"].total() == 5000
    assert len(words._compared["band"]) <= 200


def test_a_fault_is_noted_for_a_check_and_raised_for_a_run() -> None:
    inspection, fault = Inspection(), Refusal("the file is short.")
    with going_on(inspection):
        raise fault
    assert inspection.faults == [fault]
    with pytest.raises(Refusal, match="the file is short"), going_on(None):
        raise fault


_CELLS = st.text(alphabet=' ab",;\u00e9', max_size=5)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=6), data=st.data())
def test_rows_beside_one_with_too_many_fields_are_read_as_without_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows)))
    folder = tmp_path_factory.mktemp("divided")
    source = Source.model_validate({"format": "csv", "location": "x", "columns": {"person": "one"}})

    def read(name: str, lines: list[list[str]], inspection: Inspection | None) -> list[tuple[str, ...]]:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["one", "two", "three"], *lines])
        batches = list(delimited_table(folder / name, source, "x", inspection).read([0, 1, 2]))
        # Blank cells are no value, with or without quotes; what is received of both is a blank.
        return [tuple(cell or "" for cell in row[1:]) for batch in batches for row in batch.rows()]

    inspection = Inspection()
    faulty = [*rows[:at], ["a", "b", "c", "one more"], *rows[at:]]
    assert read("faulty.csv", faulty, inspection) == read("good.csv", rows, None)
    assert inspection.undivided == [at + 2]
    assert [str(fault).split(".")[0] for fault in inspection.faults] == [
        f"x: row {at + 2} has more fields than there are headings (3)"
    ]
