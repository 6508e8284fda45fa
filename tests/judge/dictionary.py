"""The data dictionary as a reader has it: fields, the values they may take, and which rows are rejected.

Reads `docs/data-dictionary.md`, and of a catalogue the lists and survey questions that the dictionary says are the
organisation's own. What the figures are of is read in :mod:`judge.published`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_SECTION = re.compile(r"^## .* \(`(?P<name>[a-z_]+)`\)$")
_CADENCE = re.compile(r"^- cadence: (?P<cadence>[a-z]+);")
_REJECTED = re.compile(r"^- a row is rejected when: .* \(`(?P<condition>[^`]*)`\)$")
_LIST = re.compile(r"^`(?P<list>[a-z_]+)`: ")
_SHORTENED = re.compile(r" and \d+ more$")
_BOUND = re.compile(r"at (?P<which>least|most) (?P<bound>-?[\d.]+)")


@dataclass(frozen=True)
class Field:
    """One field: its kind, whether a row may lack it, and its values where the dictionary lists them all."""

    kind: str
    may_be_empty: bool
    values: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Dataset:
    """One dataset: how often it comes, its fields, and the conditions (SQL) of which a row is rejected."""

    cadence: str
    fields: Mapping[str, Field]
    rejected: tuple[str, ...]


def datasets(dictionary: Path, catalogue: Path) -> dict[str, Dataset]:
    """Read every dataset that the dictionary describes, with the lists and questions of a catalogue folder."""
    lists = _yaml(catalogue / "organisation.yaml")["lists"]
    found = {
        name: _dataset(lines, lists) for name, lines in _sections(dictionary.read_text(encoding="utf-8"))
    }
    survey = _yaml(catalogue / "survey.yaml")
    for name in found.keys() & survey.keys():
        scales = survey["scales"]
        questions = {
            question: Field("category", may_be_empty=True, values=tuple(scales[each["scale"]]))
            for question, each in survey[name].items()
        }
        found[name] = Dataset(found[name].cadence, {**found[name].fields, **questions}, found[name].rejected)
    return found


def _yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith("## "):
            if name:
                yield name, lines
            # What is written beside a report has sections too, and is no dataset.
            name, lines = (found["name"] if (found := _SECTION.match(line)) else ""), []
        else:
            lines.append(line)
    if name:
        yield name, lines


def _dataset(lines: list[str], lists: Mapping[str, list[str]]) -> Dataset:
    cadence = next(found["cadence"] for line in lines if (found := _CADENCE.match(line)))
    rejected = tuple(found["condition"] for line in lines if (found := _REJECTED.match(line)))
    fields = dict(_field(line, lists) for line in lines if line.startswith("| `"))
    return Dataset(cadence, fields, rejected)


def _field(line: str, lists: Mapping[str, list[str]]) -> tuple[str, Field]:
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    name, kind, _, _, may_be_empty, values = cells[:6]
    bounds = {found["which"]: float(found["bound"]) for found in _BOUND.finditer(values)}
    described = Field(
        kind, may_be_empty == "yes", _values(kind, values, lists), bounds.get("least"), bounds.get("most")
    )
    return name.strip("`"), described


def _values(kind: str, values: str, lists: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the values of a category; none where the dictionary leaves some out and names no list."""
    if kind != "category":
        return ()
    if of_list := _LIST.match(values):
        return tuple(lists[of_list["list"]])
    return () if _SHORTENED.search(values) else tuple(values.split(", "))
