"""The source a module rests on: itself, all of the project that its imports reach, and the files that these read."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib.util import resolve_name
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

_READS_FILES = re.compile(rb'\b(?:files|PackageLoader)\(\s*"([\w.]+)"|\b__file__\b')
"""How a module comes by files that lie with the code: those of a package it names, or those around itself."""

_DEFINITION = re.compile(rb"^(?:def|class|async def|@)", re.MULTILINE)


class _Named(NamedTuple):
    """The modules a source may import and the packages whose files it reads, by name."""

    imported: frozenset[str]
    read: frozenset[str]


class SourceTree:
    """The packages of a project in one folder. Each module is parsed once; nothing of them is run."""

    def __init__(self, root: Path, packages: Collection[str]) -> None:
        """Take the folder and the names of its packages: an import of any other is not followed."""
        self._root = root
        self._modules: dict[str, str] = {}
        self._data: dict[str, list[str]] = defaultdict(list)
        self._named: dict[str, _Named] = {}
        self._digests: dict[str, bytes] = {}
        for package in packages:
            self._add(package, root / package)

    def _add(self, package: str, folder: Path) -> None:
        """Take in the modules of a package and of those within it. What else lies in its folder is its data."""
        for path in folder.iterdir():
            name = f"{package}.{path.stem}"
            if path.suffix == ".py":
                self._modules[package if path.name == "__init__.py" else name] = self._place(path)
            elif (path / "__init__.py").is_file():
                self._add(name, path)
            elif path.name != "__pycache__":
                inside = path.rglob("*") if path.is_dir() else [path]
                data = [each for each in inside if each.is_file() and each.suffix != ".pyc"]
                self._data[package] += map(self._place, data)

    def _place(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def version(self, module: str) -> str:
        """Return twelve hexadecimal digits that change with any byte of the files behind a module."""
        digest = hashlib.sha256()
        for place in sorted(self.behind(module)):
            digest.update(place.encode() + b"\0" + self._digest(place))
        return digest.hexdigest()[:12]

    def behind(self, module: str) -> set[str]:
        """Return the files behind a module, as paths below the folder: of all that it and they import, and what these read.

        An import counts wherever it stands, in a function too, unless it is for type checkers alone; one whose name is
        worked out as the code runs is not seen. A module's packages count with it, since they are imported before it.
        Raises KeyError where there is no such module.
        """
        reached, left = {module}, [module]
        while left:
            further = self._names_of(left.pop()).imported - reached
            reached |= further
            left += further
        read = {package for each in reached for package in self._names_of(each).read}
        return {self._modules[each] for each in reached}.union(*(self._data[each] for each in read))

    def _names_of(self, module: str) -> _Named:
        """Return what a module of the project names of the project, with the packages it lies in."""
        if module not in self._named:
            place = self._modules[module]
            package = module if place.endswith("/__init__.py") else module.rpartition(".")[0]
            named = _named_in((self._root / place).read_bytes())
            whole = [module, *(resolve_name(each, package) for each in named.imported)]
            # Before a.b.c, Python imports a and a.b. Whether b of `from a import b` is a module, the folder says.
            imported = {each for name in whole for each in accumulate(name.split("."), "{}.{}".format)}
            read = {resolve_name(each, package) for each in named.read}
            ours = self._modules.keys()
            self._named[module] = _Named(frozenset(imported & ours), frozenset(read & ours))
        return self._named[module]

    def _digest(self, place: str) -> bytes:
        if place not in self._digests:
            self._digests[place] = hashlib.sha256((self._root / place).read_bytes()).digest()
        return self._digests[place]


@cache
def _named_in(source: bytes) -> _Named:
    """Return the names in a source as they stand there: relative ones begin with dots, and "." is its own package."""
    imported = frozenset(_imports(_as_far_as_it_imports(source).body))
    read = frozenset(found[1].decode() if found[1] else "." for found in _READS_FILES.finditer(source))
    return _Named(imported, read)


def _as_far_as_it_imports(source: bytes) -> ast.Module:
    """Parse a source up to the definition that follows its last import: the rest would take most of the time."""
    rest = _DEFINITION.search(source, max(source.rfind(b"import"), 0))
    try:
        return ast.parse(source[: rest.start()] if rest else source)
    except SyntaxError:
        return ast.parse(source)  # what looked like a definition was a line of a text


def _imports(statements: Sequence[ast.AST]) -> Iterator[str]:
    """Yield every module that statements may import, and every name taken from one, which may be a module too."""
    for each in statements:
        match each:
            case ast.Import():
                yield from (alias.name for alias in each.names)
            case ast.ImportFrom():
                base = "." * each.level + (each.module or "")
                yield base
                yield from (f"{base}{'.' if each.module else ''}{alias.name}" for alias in each.names)
            case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                yield from _imports(each.orelse)
            case _:
                # Statements stand in these alone, which spares the walk through every expression.
                for field in ("body", "orelse", "handlers", "finalbody", "cases"):
                    yield from _imports(getattr(each, field, ()))
