"""Reading the captions back: each picture has one, with the words of the drawing that lies beside it and its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from disparity.formulas import without_apostrophe
from reports.pages.captions import CAPTION_COLUMNS, source_of
from reports.reading_back.svg_parts import read_drawing
from reports.release.frozen import Release


def unexplained_in_captions(content: bytes, release: Release, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield where captions are not those of the pictures among ``files``. Raises ValueError where the bytes are no text.

    The numbers of a title and of its words are those of the drawing, which is read back by itself.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except csv.Error:
        raise ValueError("no comma-separated values") from None
    if not lines or tuple(lines[0]) != CAPTION_COLUMNS:
        yield "its columns are not those of captions"
        return
    if sorted(line[0] for line in lines[1:] if line) != sorted(
        name for name in files if name.endswith(".png")
    ):
        yield "its pictures are not those of the release"
        return
    for at, line in enumerate(lines[1:], start=1):
        drawing = read_drawing(files.get(f"{line[0].removesuffix('.png')}.svg", b""))
        told = (line[0], drawing.title, drawing.words, source_of(release))
        if len(line) != len(told):
            yield f"row {at}: it has more or fewer cells than columns"
        for name, cell, words in zip(CAPTION_COLUMNS, line, told, strict=False):
            if without_apostrophe(cell) != words:
                yield f"row {at}, {name}: it is not that of the picture"
