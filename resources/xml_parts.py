"""Parts of a zip archive that are XML, streamed to handlers; what no office program writes is damage."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

_PIECE = 1 << 16

_DAMAGE = (
    KeyError, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, struct.error, zipfile.BadZipFile,
    zlib.error, lzma.LZMAError,
)  # fmt: skip

Start = Callable[[str, dict[str, str]], None]


class DamagedError(Exception):
    """A part that is not there, or cannot be read. It has no words of its own: they might quote the part."""


def pieces(path: Path, part: str) -> Iterator[bytes]:
    """Stream a part's bytes. Raises DamagedError."""
    with archive_of(path) as archive:
        by_name = {usual_name(name).lower(): name for name in archive.namelist()}
        with archive.open(by_name[part.lower()]) as file:
            while piece := file.read(_PIECE):
                yield piece


@contextmanager
def archive_of(path: Path) -> Iterator[zipfile.ZipFile]:
    """Lend a zip archive to be read. Raises DamagedError for whatever zipfile and what unpacks for it may end in."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGE:
        raise DamagedError from None
    except OSError as error:
        if error.errno is None:  # of bz2, which has no error of its own
            raise DamagedError from None
        raise


def usual_name(name: str) -> str:
    """Return a part's name with the slashes of the standard; some programs write those of Windows."""
    return name.replace("\\", "/")


@lru_cache(1024)  # a sheet has few names, and says them a million times
def local(name: str) -> str:
    """Return a name without its prefix: each office program has prefixes of its own."""
    return name.rpartition(":")[2]


def attributes_of(attributes: dict[str, str]) -> dict[str, str]:
    """Return attributes by their names without prefixes."""
    return {local(name): value for name, value in attributes.items()}


def parser_of(start: Start) -> expat.XMLParserType:
    """Return a parser that hands on the start of every element, its text in one piece, and takes no entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser


def parsed(parser: expat.XMLParserType, parts: Iterator[bytes]) -> Iterator[None]:
    """Parse piece by piece, and give way after each. Raises DamagedError."""
    try:
        for piece in parts:
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, ValueError):
        raise DamagedError from None


def parse(parser: expat.XMLParserType, parts: Iterator[bytes]) -> None:
    """Parse everything. Raises DamagedError."""
    for _ in parsed(parser, parts):
        pass


def _no_doctype(*_: object) -> None:
    """Entities are declared in a document type, and a few of them can stand for gigabytes."""
    raise DamagedError
