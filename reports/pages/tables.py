"""Tables of a page: their heads, rows and marks, from cells that are words already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Params = dict[str, Any]


def table(
    table_id: str,
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    kind: str,
    fields: Sequence[str] = (),
    keys: Sequence[str] = (),
    links: Sequence[str] = (),
    words: int = 0,
) -> Params:
    """Return a table's parameters: the first column names the rows, the last ``words`` columns hold words.

    ``kind``, ``fields`` (of the other columns) and ``keys`` (of the rows) say what stands where, for
    `reports.reading_back.page`, which reads the figures back. ``links`` are where the names of the rows lead.
    """
    figures = len(head) - 1 - words

    def line(texts: Sequence[str], key: str | None = None) -> list[Params]:
        first, *others = texts
        return [
            {"text": first, "key": key},
            *(
                {"text": text, "format": "numeric"}
                if place < figures
                else {"text": text, "classes": "app-table__words"}
                for place, text in enumerate(others)
            ),
        ]

    named: Sequence[str | None] = keys or [None] * len(rows)
    headings = line(head)
    for heading, field in zip(headings[1:], fields, strict=bool(fields)):
        heading["field"] = field
    lines = [line(row, key) for row, key in zip(rows, named, strict=True)]
    for each, link in zip(lines, links, strict=bool(links)):
        each[0]["href"] = link
    return {
        "id": table_id,
        "kind": kind,
        "caption": {"text": caption, "size": "s", "id": f"{table_id}-caption"},
        "firstCellIsHeader": True,
        "head": headings,
        "rows": lines,
    }
