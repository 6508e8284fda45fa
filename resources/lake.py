"""The lake: files named by content, and a pointer per stage, name and quarter that is written last."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from disparity.periods import Quarter
from disparity.refusal import refuse

Content = pl.DataFrame | bytes | Path

_WRITING = ".writing-"


@dataclass(frozen=True)
class Entry:
    """What the lake holds of one thing in one quarter: facts about it and its files by name."""

    facts: Mapping[str, Any]
    files: Mapping[str, Path]
    version: str

    def scan(self, table: str) -> pl.LazyFrame:
        """Return one Parquet table, lazily."""
        return pl.scan_parquet(self.files[f"{table}.parquet"])

    def read(self, name: str) -> bytes:
        """Return one file's bytes."""
        return self.files[name].read_bytes()


class Lake:
    """Files below one owner-only folder.

    A file is stored under the sha256 of its bytes, so writing the same content twice changes nothing, and a
    reader sees either the whole old content or the whole new one: the pointer is replaced in one step, after
    its files are there.
    """

    def __init__(self, root: Path) -> None:
        """Open the lake below ``root``, made owner-only. Raises Refusal where that cannot be."""
        self.root = make_private_folder(root)

    @contextlib.contextmanager
    def aside(self) -> Iterator[Path]:
        """Lend a private folder for files being written; whatever is left in it goes when the block ends.

        Its lock ends with the process, so what a killed one left behind is known by it, and goes too.
        """
        with alone(self.root):
            for left in self.root.glob(f"{_WRITING}*"):
                with contextlib.suppress(BlockingIOError, FileNotFoundError), alone(left, wait=False):
                    shutil.rmtree(left, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=_WRITING, dir=self.root))
            held = contextlib.ExitStack()
            held.enter_context(alone(folder))
        with held:
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def put(
        self, place: str, quarter: Quarter, facts: Mapping[str, Any], files: Mapping[str, Content]
    ) -> Entry:
        """Store files (frames as Parquet, bytes, or files lent by :meth:`aside`) and then point to them.

        ``place`` is a stage and a name, such as ``records/recruitment``; a file's name ends with its kind.
        """
        folder = self.root
        for part in Path(place).parts:
            folder = make_private_folder(folder / part)
        named = {}
        with self.aside() as lent:
            for name, content in sorted(files.items()):
                path = _on_disk(content, lent / name)
                stem, _, kind = name.rpartition(".")
                named[name] = f"{stem}-{sha256_of(path)[:32]}.{kind}"
                path.chmod(0o600)
                _settle(path)
                path.replace(folder / named[name])
        pointer = json.dumps({"facts": facts, "files": named}, sort_keys=True, indent=1).encode()
        replace_file(self._pointer(place, quarter), pointer)
        return self._entry(place, pointer)

    def get(self, place: str, quarter: Quarter) -> Entry | None:
        """Return what is held, or None when nothing was stored there yet."""
        try:
            pointer = self._pointer(place, quarter).read_bytes()
        except FileNotFoundError:
            return None
        return self._entry(place, pointer)

    def _entry(self, place: str, pointer: bytes) -> Entry:
        held = json.loads(pointer)
        files = {name: self.root / place / stored for name, stored in held["files"].items()}
        return Entry(held["facts"], files, hashlib.sha256(pointer).hexdigest())

    def _pointer(self, place: str, quarter: Quarter) -> Path:
        return self.root / place / f"{quarter.key}.json"


def _on_disk(content: Content, path: Path) -> Path:
    if isinstance(content, Path):
        return content
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.write_parquet(path, compression="zstd")
    return path


def _settle(path: Path) -> None:
    """Bring a file's bytes to the disk: a pointer must never outlive what it points to."""
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def make_private_folder(folder: Path) -> Path:
    """Make a folder that its owner alone may enter. Raises Refusal where it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise refuse(
            f"the folder cannot be written ({error.strerror})",
            where=str(folder),
            rule="the storage folder belongs to the account that runs the pipeline",
            do="give that account the folder, or name another with --storage or RACE_EQUALITY_STORAGE",
        ) from None
    return folder


@contextlib.contextmanager
def alone(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a folder's lock, which the system lets go of when the process ends however it ends.

    Raises BlockingIOError when another holds it and ``wait`` is false.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole: aside in its own folder, on disk, then renamed over the old one."""
    handle, name = tempfile.mkstemp(prefix=_WRITING, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
