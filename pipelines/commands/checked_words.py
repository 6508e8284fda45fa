"""The words of a supplier's check, for the terminal of whoever holds the file: counts are exact, rows are named by number.

No value of a row is among them, but for words of ethnicity that nobody knows and that are no one person's.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import polars as pl

from disparity.datasets.readable import UNREADABLE
from disparity.datasets.records import EMPTY, NOT_A_CODE, ROW
from disparity.printable import printable
from pipelines.commands.checked_blanks import line_for_blank, words_of_blanks
from pipelines.commands.checking import Allowed, Findings
from pipelines.commands.unknown_words import UnknownWord
from resources.left_out import listed
from resources.notes import Note
from resources.words_met import LEAST_PEOPLE, rows_named

_VALUES_NAMED = 12
_LONGEST_WORD = 60
_ALIGNED = 32
_NARROWEST = 40
_NOT_ALLOWED = "not one of the allowed values"

_Line = tuple[int, str]
"""A line's indent and its text, which wraps below itself."""


def words_of(findings: Findings, *, every_row: bool = False, width: int | None = None) -> str:
    """Return what was found, in words; ``every_row`` names all rows in place of the first eight of each rule.

    Lines wrap at ``width``; without one each stays whole, so that a program finds it.
    """
    parts = (
        _read(findings),
        _faults(findings),
        _rejects(findings, every_row),
        _blanks(findings),
        _end(findings),
    )
    return "\n".join(_wrapped(line, width) for part in parts for line in part)


def _wrapped(line: _Line, width: int | None) -> str:
    indent, text = line[0], printable(line[1])
    if width is None:
        return " " * indent + text
    return textwrap.fill(
        text,
        max(width, _NARROWEST),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _read(findings: Findings) -> Iterator[_Line]:
    extract = findings.extract
    yield 0, f"{findings.file}: {_rows(extract.rows)} read"
    if findings.given:
        yield 2, f"read as of {findings.read_as.words}"
    else:
        yield (
            2,
            f"read as of {findings.read_as.words}, the last closed quarter; --quarter names another",
        )
        here = f" ({_rows(findings.elsewhere)} here)" if findings.elsewhere else ""
        yield 2, f"without --quarter, rows of other quarters are not called wrong{here}"
    yield from ((2, f"note: {_note(note)}") for note in findings.notes)
    for words in listed((*extract.left_out, *extract.nearly_kept)):
        yield 2, words
    if extract.left_behind and findings.headings_fit:
        yield 2, f"headings left behind: {', '.join(map(_cut, extract.left_behind))}"
    if extract.not_named and findings.headings_fit:
        yield (
            2,
            f"headings left behind and not named, as some look like values of a row: {extract.not_named}",
        )
    if findings.not_judged:
        yield 2, f"not judged, as their headings cannot be read: {', '.join(findings.not_judged)}"
    if not findings.chosen:
        yield 2, "every row was judged, as the headings by which rows are chosen cannot be read"


def _note(note: Note) -> str:
    """Say a note with the rows that it is about."""
    return f"{note.said(_exactly)}{f' ({rows_named(note.at, every_row=True)})' if note.at else ''}"


def _faults(findings: Findings) -> Iterator[_Line]:
    if findings.faults:
        yield 0, "Wrong with the file as a whole:"
        yield from ((2, fault) for fault in findings.faults)


def _rejects(findings: Findings, every_row: bool) -> Iterator[_Line]:
    found = (
        findings.wrong.group_by("column", "rule")
        .agg(pl.col("row_number").sort().alias("at"))
        .sort("column", "rule")
    )
    if not found.is_empty():
        yield 0, "Wrong with its rows:"
    for column, rule, at in found.iter_rows():
        yield 2, f"{column}: {rule}: {_rows(len(at))} ({rows_named(at, every_row=every_row)})"
        if column in findings.headings:
            yield 4, f"under the heading {findings.headings[column]}"
        if rule == EMPTY:
            yield from line_for_blank(column, findings.dataset, findings.catalogue)
        elif rule == NOT_A_CODE:
            yield from _unknown_words(findings, every_row)
        elif rule in (_NOT_ALLOWED, UNREADABLE) and column in findings.allowed:
            yield from _allowed(findings.allowed[column])
            yield from _nearest(findings, column)


def _allowed(allowed: Allowed) -> Iterator[_Line]:
    if not allowed.values:
        yield 4, f"no value is allowed: the list is empty ({allowed.stands_in})"
        return
    yield 4, f"allowed: {_some(allowed.values)} ({allowed.stands_in})"
    if allowed.words:
        yield 4, f"or the source's own words: {_some(allowed.words)} (sources.yaml, values)"
    if allowed.words_from:
        yield 4, f"or their words in {allowed.words_from}"


def _some(values: Sequence[str]) -> str:
    more = len(values) - _VALUES_NAMED
    named = ", ".join(values[:_VALUES_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _nearest(findings: Findings, column: str) -> Iterator[_Line]:
    by_rows = sorted(
        findings.nearest.get(column, {}).items(), key=lambda each: (each[0] is None, -each[1], str(each[0]))
    )
    if by_rows:
        some = [f"{right or 'none'} ({_rows(rows)})" for right, rows in by_rows[:_VALUES_NAMED]]
        yield 4, f"nearest to what stands there: {', '.join(some)}{' …' if len(by_rows) > len(some) else ''}"


def _unknown_words(findings: Findings, every_row: bool) -> Iterator[_Line]:
    words = findings.unknown_words
    if words.none_of_a_list:
        heading = findings.headings.get("ethnic_code")
        yield (
            4,
            f"its words are not listed: this looks like names or numbers. Is the heading {heading} right?",
        )
        return
    if words.listed:
        yield 4, "rows, word that is not known, and the code it may mean:"
        yield from _listed(words.listed)
    if words.rows:
        yield (
            4,
            f"words that fewer than {LEAST_PEOPLE} people share and that are no spelling of the list's own are not listed, "
            f"as they may be somebody's: look at {rows_named(words.rows, every_row=every_row)} in the file",
        )
    yield (
        4,
        "say what each means in a list of values_from (--out writes a draft of it); what stands for nothing goes "
        "under no_value",
    )


def _listed(words: Sequence[UnknownWord]) -> Iterator[_Line]:
    listed = [(_exactly(each.rows), printable(f"'{_cut(each.word)}'"), each.suggested) for each in words]
    digits = max(len(rows) for rows, _, _ in listed)
    aligned = min(max(len(word) for _, word, _ in listed), _ALIGNED)
    for rows, word, code in listed:
        may_mean = f"{code.code} ({code.label})" if code else ""
        yield 6, f"{rows:>{digits}}  {word:{aligned}}  {may_mean}".rstrip()


def _cut(word: str) -> str:
    return f"{word[:_LONGEST_WORD]}…" if len(word) > _LONGEST_WORD else word


def _blanks(findings: Findings) -> Iterator[_Line]:
    if findings.blanks:
        yield 0, "Blank in some rows:"
        yield from words_of_blanks(findings.blanks, findings.dataset, findings.catalogue)


def _end(findings: Findings) -> Iterator[_Line]:
    yield 0, f"A run of {findings.read_as.words} would {_what_a_run_does(findings)}."
    if findings.faults:
        yield 0, "Mend the file and check again."
    elif not findings.good:
        yield 0, "Mend these rows and check again."
    elif findings.refused_for_rows:
        yield 0, "Nothing is wrong with its rows but their quarter."
    elif any(each.to_be_looked_at for each in findings.blanks):
        yield 0, "No row is rejected. Are the blanks meant as they are read?"
    elif findings.apart_by_zeros:
        yield 0, "No row is rejected. Are numbers that differ by zeros alone really two?"
    else:
        yield 0, "Nothing is wrong with it."


def _what_a_run_does(findings: Findings) -> str:
    if findings.faults:
        rows = f". With that mended: {findings.refused_for_rows}" if findings.refused_for_rows else ""
        return f"refuse the file for what is wrong with it as a whole{rows}"
    if findings.refused_for_rows:
        return f"refuse the file: {findings.refused_for_rows}"
    rejected = findings.rejects.select(ROW).n_unique()
    if not rejected:
        return "take it"
    return f"take it and reject {_rows(rejected)}, within the limit of {findings.reject_limit_percent:g}%"


def _exactly(rows: int) -> str:
    return f"{rows:,}"


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
