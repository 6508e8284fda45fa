"""Sound extracts with something changed at random, the same again for the same number.

A file of parts is changed as it lies on the disk, or one of its parts is and the archive written anew, as a checksum
would otherwise keep most changes from whoever reads the part.
"""

from __future__ import annotations

import io
import random
from functools import cache

from hostile.sound import (
    csv_text,
    frame,
    ods_parts,
    shared_strings,
    sheet_rows,
    worksheet,
    xlsx_parts,
    zipped,
)

FORMATS = ("csv", "xlsx", "ods", "parquet")
_NUMBERS = (b"0", b"-1", b"1e999", b"4294967296", b"9999999999999999999", b"1048577", b"x", b"")
_PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b",", b"\r", b"\n", b"<", b">", b"&", b"&#0;", b"]]>", b"<!--",
    b"</row>", b"<!DOCTYPE x>", b"#REF!", b"=1+1", b"\x1b[2J", b"\x80", b"\xc3", b"PK\3\4", b"PAR1",
    b"\t", b" ", b"\xe2\x80\xa8",
)  # fmt: skip


def mutant(number: int) -> tuple[str, bytes]:
    """Return a format and a changed file of it."""
    drawn = random.Random(number)
    format_ = FORMATS[number % len(FORMATS)]
    if format_ in ("xlsx", "ods") and drawn.random() < 0.7:
        parts = _parts(format_)
        name = drawn.choice(sorted(parts))
        return format_, zipped(parts | {name: _changed(_bytes(parts[name]), drawn)})
    return format_, _changed(_sound(format_), drawn)


@cache
def _sound(format_: str) -> bytes:
    if format_ == "csv":
        return csv_text().encode()
    if format_ == "parquet":
        content = io.BytesIO()
        frame().write_parquet(content, row_group_size=16, compression="uncompressed")
        return content.getvalue()
    return zipped(_parts(format_))


@cache
def _parts(format_: str) -> dict[str, bytes | str]:
    if format_ == "ods":
        return ods_parts()
    shared = sheet_rows(more='<row r="50"><c r="A50" t="s"><v>0</v></c><c r="B50" t="b"><v>1</v></c></row>')
    return xlsx_parts(worksheet(shared), shared=shared_strings("<si><t>Quince</t></si>"))


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _changed(content: bytes, drawn: random.Random) -> bytes:
    for _ in range(drawn.choice((1, 1, 1, 2, 3, 8))):
        content = drawn.choice((_flipped, _flipped, _put_in, _taken_out, _twice, _cut_off, _renumbered))(
            content, drawn
        )
    return content


def _place(content: bytes, drawn: random.Random) -> int:
    """A place in the file; the ends of a file say what it is, and are hit more often."""
    length = len(content)
    at = drawn.choice((drawn.randrange(length + 1), drawn.randrange(64), length - drawn.randrange(64)))
    return max(0, min(length, at))


def _flipped(content: bytes, drawn: random.Random) -> bytes:
    at = _place(content, drawn)
    return content[:at] + bytes([drawn.randrange(256)]) + content[at + 1 :]


def _put_in(content: bytes, drawn: random.Random) -> bytes:
    at = _place(content, drawn)
    return content[:at] + drawn.choice(_PIECES) * drawn.choice((1, 1, 2, 1000)) + content[at:]


def _taken_out(content: bytes, drawn: random.Random) -> bytes:
    at = _place(content, drawn)
    return content[:at] + content[at + drawn.choice((1, 2, 10, 100)) :]


def _twice(content: bytes, drawn: random.Random) -> bytes:
    at = _place(content, drawn)
    return content[:at] + content[at : at + drawn.choice((1, 10, 100))] * 2 + content[at:]


def _cut_off(content: bytes, drawn: random.Random) -> bytes:
    return content[: _place(content, drawn)] if drawn.random() < 0.3 else content


def _renumbered(content: bytes, drawn: random.Random) -> bytes:
    """Put another number in place of a digit: a place, a count, a kind, a date."""
    at = _place(content, drawn)
    while at < len(content) and not content[at : at + 1].isdigit():
        at += 1
    return content[:at] + drawn.choice(_NUMBERS) + content[at + 1 :]
