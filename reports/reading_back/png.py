"""Reading a picture back: the chunks of a PNG, none of which may say anything but how the picture looks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Size and kind, points to the metre, the picture and its end: what `reports.charts.drawing` writes.
_OURS = {b"IHDR": 13, b"pHYs": 9, b"IDAT": None, b"IEND": 0}
_COLOUR_AND_OPACITY = (8, 6, 0, 0, 0)


def unexplained_in_png(content: bytes) -> Iterator[str]:
    """Yield what in a PNG is more than a picture: text, dates, other chunks, and bytes after or beneath the picture."""
    if not content.startswith(_SIGNATURE):
        yield "it is no PNG"
        return
    at, header, packed, ended = len(_SIGNATURE), b"", b"", False
    while at + 12 <= len(content) and not ended:
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        check = content[at + 8 + length : at + 12 + length]
        if kind not in _OURS or _OURS[kind] not in (None, len(data)):
            yield f"a chunk {kind.decode('ascii', 'replace')}: no picture of ours has it"
        if check != struct.pack(">I", zlib.crc32(kind + data)):
            yield f"a chunk {kind.decode('ascii', 'replace')} is damaged"
        header = data if kind == b"IHDR" else header
        packed += data if kind == b"IDAT" else b""
        ended, at = kind == b"IEND", at + 12 + length
    if not ended or at != len(content):
        yield "it does not end where its picture ends"
    if not _fills(header, packed):
        yield "its picture is more or less than its size"


def _fills(header: bytes, packed: bytes) -> bool:
    """Whether the packed picture is exactly as large as the header says."""
    if len(header) != 13:
        return False
    width, height, *kind = struct.unpack(">IIBBBBB", header)
    size = height * (1 + 4 * width)
    unpacking = zlib.decompressobj()
    try:
        picture = unpacking.decompress(packed, size + 1)
    except zlib.error:
        return False
    whole = unpacking.eof and not unpacking.unused_data and not unpacking.unconsumed_tail
    return tuple(kind) == _COLOUR_AND_OPACITY and len(picture) == size and whole
