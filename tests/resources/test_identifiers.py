"""Identifiers at the door: pseudonyms for what is somebody's, a cause for what is nobody's, and lost zeros put back."""

from __future__ import annotations

import polars as pl

from resources.identifiers import columns_received, note_of_zeros, with_pseudonyms
from resources.pseudonyms import pseudonyms

KEY = bytes(range(32))
ERROR = "(no identifier: an error of a spreadsheet)"


def hashed(text: str) -> str:
    return str(pseudonyms(pl.Series([text]), KEY)[0])


def test_identifiers_become_pseudonyms_and_those_of_their_numbers_are_added() -> None:
    texts = ["00123", "123", "E0123", ERROR, None]
    cells = pl.DataFrame({"row_number": range(5), "person": texts, "reason": ["00123"] * 5})
    found = with_pseudonyms(cells, ("person",), KEY)
    assert found["person"].to_list() == [hashed("00123"), hashed("123"), hashed("E0123"), ERROR, None]
    assert found["person_without_zeros"].to_list() == [hashed("123"), None, None, None, None]
    assert found["reason"].to_list() == ["00123"] * 5
    assert found.columns == ["row_number", "person", "reason", *columns_received(("person",))]


def test_columns_have_one_type_whatever_stands_in_them() -> None:
    nothing = pl.DataFrame(
        {"person": [None, None], "vacancy": [ERROR, ERROR]}, schema_overrides={"person": pl.String}
    )
    found = with_pseudonyms(nothing, ("person", "vacancy"), KEY)
    assert set(found.schema.values()) == {pl.String}
    assert found["vacancy"].to_list() == [ERROR, ERROR]
    assert with_pseudonyms(nothing.clear(), ("person", "vacancy"), KEY).schema == found.schema


def test_the_note_of_zeros_says_where_and_what_to_do() -> None:
    words = note_of_zeros("person", 2, "leavers").said(str)
    assert words.startswith("2 numbers under person differ from another one by zeros in front alone")
    assert "padding with zeros would make them one" in words
    assert words.endswith("set digits for person under leavers in sources.yaml")
