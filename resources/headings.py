"""A file's row of headings: whether it is one, and whether headings that no setting names may be named to anybody.

Where the row of headings is missing, or its line break is lost, a person's row stands among the headings. What is wrong
with headings that a setting does name belongs in mapping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from disparity.datasets.readable import FLAG_WORDS
from disparity.refusal import refuse
from resources.mapping import RowMapping
from resources.tables import Table, tidy

# Words and a short number, such as "Address Line 1" or "Q28 Ethnic background"; a word has three letters.
_NUMBERED_WORDS = re.compile(r"(?=.*[^\W\d_]{3})[^\W\d_]\D*\d{1,2}\D*")
_DAY_AND_MONTH = re.compile(r"\d.*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)


def with_headings_judged(table: Table, mapping: RowMapping, where: str) -> Table:
    """Return the table, which says whether its headings may be named. Raises Refusal where a row stands among them."""
    wanted = {_squashed(each) for each in mapping.headings}
    others = {each for each in table.headings if each and _squashed(each) not in wanted}
    words = _words_of_rows(table, mapping)
    like_values = {each for each in others if _looks_like_a_value(each, words)}
    if table.first is not None and _a_row_among(table.headings, table.first, wanted, like_values):
        raise refuse(
            "the row of headings goes on with what looks like a row of data",
            where=where,
            rule="the headings stand on a row of their own",
            do="put back the line break behind the last heading, or export it again",
        )
    return replace(table, named=not like_values)


def _a_row_among(
    headings: Sequence[str], first: Sequence[Sequence[str]], wanted: set[str], like_values: set[str]
) -> bool:
    """Return whether a row follows the headings on their line: behind where every row ends, and no heading is wanted.

    What stands there is like values, or about as much again as the rows are long.
    """
    reached = max((len(row) for row in first if any(map(str.strip, row))), default=0)
    end = reached or (len(headings) + 1) // 2
    beyond = [each for each in headings[end:] if each]
    if not beyond or any(_squashed(each) in wanted for each in beyond):
        return False
    return any(each in like_values for each in beyond) or 0 < 2 * reached <= len(headings) + 1


def _looks_like_a_value(heading: str, words: set[str]) -> bool:
    if heading.casefold() in words or "@" in heading or _DAY_AND_MONTH.match(heading):
        return True
    return any(map(str.isdigit, heading)) and not _NUMBERED_WORDS.fullmatch(heading)


def _words_of_rows(table: Table, mapping: RowMapping) -> set[str]:
    """Return what may stand in a row, in lower case: the words of lists, of the source, and of its first rows."""
    lists = [each.allowed or () for each in mapping.columns.values()]
    theirs = [mapping.words.get(name, {}) for name in mapping.kinds]
    kept = mapping.source.keep.values()
    cells = table.first or ()
    found = (
        FLAG_WORDS,
        mapping.vocabulary.ethnic_words,
        mapping.source.no_value,
        *lists,
        *theirs,
        *kept,
        *cells,
    )
    return {tidy(each).casefold() for words in found for each in words}


def _squashed(heading: str) -> str:
    """Return the letters and digits of a heading: whoever writes a heading of ours otherwise says nothing new."""
    return re.sub(r"[\W_]", "", heading).casefold()
