"""Text of others made safe to print: what cannot be seen, or would steer a terminal, is escaped.

File names, headings and words of cells may hold escape sequences, marks that turn the direction of writing, and bytes
that are no text. Every sentence for people passes here.
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text of one line with every sign escaped that cannot be seen: line breaks among them.

    >>> print(printable("A\u200b"), printable("\x1b[2J"), printable("two\nlines"), printable("no\udcff UTF-8"))
    A\u200b \x1b[2J two\nlines no\udcff UTF-8
    """
    return "".join(
        sign
        if sign.isprintable()
        else sign.encode("unicode_escape", errors="backslashreplace").decode("ascii")
        for sign in text
    )


def printable_lines(text: str) -> str:
    """Return a text of several lines so; it is for its writer that none of them comes from elsewhere."""
    return "\n".join(map(printable, text.split("\n")))
