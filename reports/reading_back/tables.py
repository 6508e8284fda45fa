"""Reading tables of data back: CSV and JSON parsed from their bytes and compared with the release, value by value."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from disparity.rounding import half_up
from reports.release.analyses import canonical_analyses
from reports.release.estimates import canonical
from reports.release.frozen import Release

_PLAIN = re.compile(r"-?\d+(?:\.(\d+))?")


def unexplained_in_csv(content: bytes, table: pd.DataFrame) -> Iterator[str]:
    """Yield where a file of comma-separated values is not the table: its columns, its rows, its cells.

    Ratios and values may have two decimals, probabilities four, so that no figure is told more exactly than it was
    rounded to. Raises ValueError where the bytes are no text.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except csv.Error:
        raise ValueError("no comma-separated values") from None
    columns = [str(name) for name in table.columns]
    if not lines or lines[0] != columns:
        yield "its columns are not those of the release"
        return
    if len(lines) != len(table) + 1:
        yield "it has more or fewer rows than the release"
    for at, (line, values) in enumerate(zip(lines[1:], table.itertuples(index=False), strict=False), start=1):
        if len(line) != len(columns):
            yield f"row {at}: it has more or fewer cells than columns"
        for name, cell, value in zip(columns, line, values, strict=False):
            if not _same(cell, value, 4 if name in ("p_value", "q_value") else 2):
                yield f"row {at}, {name}: it is not the value of the release"


def _same(cell: str, value: Any, decimals: int) -> bool:
    """Whether a cell says a value, a text with an apostrophe before it where a spreadsheet would run it."""
    if isinstance(value, str):
        return cell in (value, f"'{value}")
    if math.isnan(value):
        return cell == ""
    if math.isinf(value):
        return cell == str(value)
    written = _PLAIN.fullmatch(cell)
    if written is None or len(written[1] or "") > decimals:
        return False
    return bool(float(cell) == half_up(value, decimals))


def unexplained_in_json(content: bytes, release: Release) -> Iterator[str]:
    """Yield where a frozen release is not the release. Raises ValueError where the bytes are no JSON."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            twice.append("a key stands twice")
        return dict(pairs)

    found = json.loads(content.decode(), object_pairs_hook=once)
    yield from twice
    yield from _differences(found, _told(release), "")


def _told(release: Release) -> dict[str, Any]:
    """Return what a frozen release says, as JSON has it."""
    return {
        "organisation": release.organisation.model_dump(mode="json", exclude={"agreements"}),
        "audience": release.audience,
        "quarter": release.quarter.start.isoformat(),
        "estimates": _records(canonical(release.estimates)),
        "analyses": _records(canonical_analyses(release.analyses)),
        "history": _records(canonical(release.history)),
        "datasets": [vars(each) for each in release.datasets],
        "quality_notes": list(release.quality_notes),
        "provenance": [list(pair) for pair in release.provenance],
        "policy_title": release.policy_title,
        "policy_why": release.policy_why,
        "commentary": release.commentary.model_dump(mode="json") if release.commentary else None,
        "changed_since": None if release.changed_since is None else list(release.changed_since),
        "revisions": [each.as_json() for each in release.revisions],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in table.itertuples(index=False)
    ]


def _plain(value: Any) -> Any:
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


def _differences(found: Any, told: Any, where: str) -> Iterator[str]:
    """Yield the places at which two JSON values differ."""
    place = where or "the whole"
    if isinstance(told, dict) and isinstance(found, dict):
        if set(found) != set(told):
            yield f"{place}: it has other keys than the release"
        for key in told.keys() & found.keys():
            yield from _differences(found[key], told[key], f"{where} {key}".strip())
    elif isinstance(told, list) and isinstance(found, list):
        if len(found) != len(told):
            yield f"{place}: it has more or fewer entries than the release"
        for at, pair in enumerate(zip(found, told, strict=False), start=1):
            yield from _differences(*pair, f"{where} {at}")
    elif found != told or isinstance(found, bool) != isinstance(told, bool):
        yield f"{place}: it is not the value of the release"


def texts_of_json(content: bytes) -> Iterator[str]:
    """Yield every text of a JSON file, keys included. Raises ValueError where the bytes are no JSON."""
    left: list[Any] = [json.loads(content.decode())]
    while left:
        each = left.pop()
        if isinstance(each, Mapping):
            yield from each
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif isinstance(each, str):
            yield each
