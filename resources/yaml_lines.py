"""YAML read with the line of every key kept, so that a mistake in the catalogue can be pointed at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from disparity.refusal import Refusal, refuse
from resources.catalogue_files import text_of

KeyPath = tuple[Hashable, ...]

_MOST_BYTES = 256 << 10
_MOST_VALUES = 100_000  # once every alias stands for what it names
_DEEPEST = 50
_TOO_DEEP = f"a part of it holds itself, or is nested more than {_DEEPEST} deep"
_LONGEST_NUMBER = 40
_MOST_NUMBER = 2**63
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


@dataclass(frozen=True)
class Document:
    """A parsed YAML file and the line that each key path stands on."""

    path: Path
    value: Any
    lines: dict[KeyPath, int]

    def line_of(self, path: KeyPath) -> int:
        """Return the line of a key path, or of the nearest key above it."""
        for depth in range(len(path), -1, -1):
            if path[:depth] in self.lines:
                return self.lines[path[:depth]]
        return 1


def read_yaml(path: Path) -> Document:
    """Parse a YAML file safely.

    Raises Refusal when it is missing, unreadable, no file, too large or not YAML, when it gives a key twice, and when it
    nests too deeply, holds itself or many times what it has written once.
    """
    text = _text_of(path)
    try:
        node = _nodes_of(text)
        reader = _Reader(path)
        value = reader.construct(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _not_yaml(path, mark.line + 1 if mark else 1, error.problem or "it cannot be read") from None
    except yaml.YAMLError:
        raise _not_yaml(path, 1, "it holds characters that are not text") from None
    except RecursionError:
        raise _not_yaml(path, 1, _TOO_DEEP) from None
    return Document(path, value, reader.lines)


@lru_cache(maxsize=32)
def _nodes_of(text: str) -> yaml.Node | None:
    """Parse a text into nodes, which nobody changes: a run reads the files of a catalogue several times.

    Not by the loader in C, ten times as fast: it ends the process where a file nests deep enough.
    """
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _text_of(path: Path) -> str:
    try:
        return text_of(path, most=_MOST_BYTES)
    except FileNotFoundError:
        raise refuse(
            "the file is not there",
            where=str(path),
            rule="the catalogue holds it",
            do="add it or name another --catalogue",
        ) from None
    except OSError as error:
        raise refuse(
            f"the file cannot be opened ({error.strerror})",
            where=str(path),
            rule="the catalogue is read by the account that runs the pipeline",
            do="let that account read the file, or name another --catalogue",
        ) from None
    except UnicodeDecodeError:
        raise refuse(
            "the file cannot be read as UTF-8 text",
            where=str(path),
            rule="catalogue files are UTF-8",
            do="save it as UTF-8",
        ) from None


def _not_yaml(path: Path, line: int, problem: str) -> Refusal:
    return refuse(
        f"line {line} is not YAML ({problem})",
        where=str(path),
        rule="catalogue files are YAML",
        do="look at the indentation, colons and quotes of that line",
    )


class _Reader:
    """Makes values of one file's nodes and notes the lines of their keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self._loader = yaml.SafeLoader("")
        self._values = 0

    def construct(self, node: yaml.Node, at: KeyPath) -> Any:
        self._values += 1
        if self._values > _MOST_VALUES:
            line = node.start_mark.line + 1
            raise _not_yaml(self.path, line, f"its aliases stand for more than {_MOST_VALUES:,} values")
        if len(at) > _DEEPEST:
            raise _not_yaml(self.path, node.start_mark.line + 1, _TOO_DEEP)
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.construct(child, (*at, index)) for index, child in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, at: KeyPath) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _not_yaml(self.path, line, "a key is a word, not a list or another key")
            key = self._scalar(key_node)
            # A day is a key as it is written: in another form no mistake could be told by it.
            key = key.isoformat() if isinstance(key, dt.date) else key
            if key in mapping:
                raise refuse(
                    f"line {line}, {'.'.join(map(str, (*at, key)))}: the key stands twice",
                    where=str(self.path),
                    rule="a key stands once",
                    do="keep one of the two",
                )
            self.lines[(*at, key)] = line
            mapping[key] = self.construct(child, (*at, key))
        return mapping

    def _scalar(self, node: yaml.Node) -> Any:
        line = node.start_mark.line + 1
        if node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
            raise _not_yaml(self.path, line, "a number has too many digits; put quotes around what is none")
        try:
            value = self._loader.construct_object(node, deep=True)
        except yaml.YAMLError:
            raise
        except Exception:
            # A tag such as !!int before what is none of it fails in as many ways as there are tags.
            looks = "it looks like a date or number and is none; put quotes around it"
            raise _not_yaml(self.path, line, looks) from None
        if isinstance(value, float | int) and not -_MOST_NUMBER < value < _MOST_NUMBER:
            raise _not_yaml(
                self.path, line, "a number is too large or is none; put quotes around what is none"
            )
        return value
