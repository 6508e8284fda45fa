"""YAML read with the line of every key kept, so that a mistake in the catalogue can be pointed at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from disparity.refusal import refuse

Path_ = tuple[Hashable, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML file and the line that each key path stands on."""

    path: Path
    value: Any
    lines: dict[Path_, int]

    def line_of(self, path: Path_) -> int:
        """Return the line of a key path, or of the nearest key above it."""
        for depth in range(len(path), -1, -1):
            if path[:depth] in self.lines:
                return self.lines[path[:depth]]
        return 1


def read_yaml(path: Path) -> Document:
    """Parse a YAML file safely. Raises Refusal when it is missing, not YAML, or gives a key twice."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise refuse(
            "the file is not there", where=str(path), rule="the catalogue holds it", do="add it or name another --catalogue"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise refuse(
            "the file cannot be read as UTF-8 text", where=str(path), rule="catalogue files are UTF-8", do="save it as UTF-8"
        ) from None
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Path_, int] = {}
        value = _construct(loader, node, (), lines, path) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise refuse(
            f"line {line} is not YAML ({error.problem})", where=str(path), rule="catalogue files are YAML",
            do="look at the indentation, colons and quotes of that line",
        ) from None  # fmt: skip
    finally:
        loader.dispose()
    return Document(path, value, lines)


def _construct(loader: yaml.SafeLoader, node: yaml.Node, at: Path_, lines: dict[Path_, int], path: Path) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, child, (*at, index), lines, path) for index, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    mapping: dict[Hashable, Any] = {}
    for key_node, child in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if key in mapping:
            raise refuse(
                f"line {line}, {'.'.join(map(str, (*at, key)))}: the key stands twice", where=str(path),
                rule="a key stands once", do="keep one of the two",
            )  # fmt: skip
        lines[(*at, key)] = line
        mapping[key] = _construct(loader, child, (*at, key), lines, path)
    return mapping
