"""What a check writes when it is asked to: every bad row, and a draft of the words of ethnicity that nobody knows.

Both are for whoever holds the file, and readable by its owner alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from disparity.datasets.records import ROW
from disparity.formulas import without_formula
from disparity.refusal import refuse
from pipelines.commands.checking import Findings
from reports.release.estimates import quoted
from resources.lake import replace_file

_BAD_ROWS = ("file", "row", "column", "heading", "rule")
_DRAFT = ("their word", "our code: a suggestion where there is one, to be looked at")


def draft_beside(out: Path) -> Path:
    """Return where the draft of words lies, next to the file of bad rows.

    >>> draft_beside(Path("bad.csv"))
    PosixPath('bad_ethnicity_words.csv')
    """
    return out.with_name(f"{out.stem}_ethnicity_words.csv")


def refuse_to_overwrite(out: Path) -> None:
    """Refuse a place where something lies already, or where nothing can be put."""
    for path in (out, draft_beside(out)):
        if path.exists():
            raise refuse(
                "there is something there already",
                where=str(path),
                rule="check overwrites nothing",
                do="take it away, or name another file with --out",
            )
    if not out.parent.is_dir():
        raise refuse(
            "there is no such folder",
            where=str(out.parent),
            rule="check writes into a folder that is there",
            do="make it, or name another file with --out",
        )


def write_files(findings: Findings, out: Path) -> list[Path]:
    """Write the bad rows, and a draft where words of ethnicity are not known; return what was written.

    Raises Refusal where something lies there already, or nothing can be written.
    """
    refuse_to_overwrite(out)
    files = {out: bad_rows_csv(findings)}
    if findings.unknown_words.listed:
        files[draft_beside(out)] = draft_csv(findings)
    for path, content in files.items():
        try:
            replace_file(path, content)
        except OSError as error:
            raise refuse(
                f"nothing can be written there ({error.strerror})",
                where=str(path),
                rule="check writes as the account that runs it",
                do="name another file with --out",
            ) from None
    return list(files)


def bad_rows_csv(findings: Findings) -> bytes:
    """Return a line per row, column and rule, in the order of the file. No value of a row is among them."""
    lines = (
        (file, str(row), column, findings.headings.get(column, ""), rule)
        for file, row, column, rule in findings.wrong.sort(*ROW, "column", "rule").iter_rows()
    )
    return _csv(_BAD_ROWS, lines)


def draft_csv(findings: Findings) -> bytes:
    """Return the unknown words of ethnicity in the form of a ``values_from`` list: their word, our code or a blank."""
    return _csv(
        _DRAFT,
        (
            (each.word, each.suggested.code if each.suggested else "")
            for each in findings.unknown_words.listed
        ),
    )


def _csv(headings: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> bytes:
    cells = (",".join(quoted(without_formula(cell)) for cell in line) for line in (headings, *lines))
    # The mark at the beginning has a spreadsheet read it as UTF-8.
    return ("\ufeff" + "".join(f"{line}\r\n" for line in cells)).encode()
