"""Texts that a spreadsheet would run as a formula, and the apostrophe that keeps it from that."""

from __future__ import annotations

import re

# Whatever blanks, quotes or wide forms stand before the sign.
_FORMULA = re.compile(r"'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def without_formula(text: str) -> str:
    """Return a text as a spreadsheet may have it: an apostrophe in front of what it would run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def without_apostrophe(cell: str) -> str:
    """Return the text that `without_formula` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
