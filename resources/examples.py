"""The example catalogues that come with the code: what they say, so that no report of a real organisation says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from disparity.catalogue import BoardPaper, Organisation, Revisions, Target
from disparity.catalogue.borrowed import written_in
from disparity.model import Name
from resources.yaml_lines import read_yaml

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Example:
    """What one example catalogue says in the name of its invented organisation."""

    texts: tuple[str, ...]
    targets: dict[str, Target]


@cache
def examples() -> tuple[Example, ...]:
    """Read the example catalogues, once a process: the default one, and those of ``catalogue_examples``."""
    folders = [_ROOT / "catalogue", *sorted((_ROOT / "catalogue_examples").glob("*"))]
    return tuple(_example(folder) for folder in folders if (folder / "organisation.yaml").is_file())


def _example(folder: Path) -> Example:
    def read(name: str, kind: Any, nothing: Any) -> Any:
        path = folder / f"{name}.yaml"
        return TypeAdapter(kind).validate_python(read_yaml(path).value) if path.is_file() else nothing

    organisation = read("organisation", Organisation, None)
    board_paper = read("board_paper", BoardPaper, None)
    revisions = read("revisions", Revisions, {})
    written = written_in(organisation, board_paper, revisions)
    texts = (*(each.text for each in written), *_commentaries(folder))
    return Example(texts, read("targets", dict[Name, Target], {}))


def _commentaries(folder: Path) -> Iterator[str]:
    yield from (path.read_text(encoding="utf-8") for path in sorted((folder / "commentary").glob("*.md")))
