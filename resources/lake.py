"""The lake: files named by content, and a sealed pointer per stage, name and quarter that is written last.

What is read is compared with its name or its seal first, so that nothing rests on a file that is not as it was written.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from resources.register import Register, dumped

Content = pl.DataFrame | bytes | Path

REGISTER = "register.json"
_WRITING = ".writing-"
_POINTER = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_HASH_DIGITS = 32
_PUBLICATION = "publication"
"""The last part of the places that publishing writes; runs write all others."""

ACCEPT = "race-equality accept-loss --accepted-by NAME --reason WHY"
"""The command that goes on without what is lost, and keeps on record who said so."""


class Damaged(Refusal):
    """Something in the lake is not as it was written, or is gone; ``found`` says where and what alone."""

    def __init__(self, what: str, *, where: str, rule: str, do: str) -> None:
        """Word it as `refuse` does."""
        super().__init__(str(refuse(what, where=where, rule=rule, do=do)))
        self.found = f"{where}: {what}"


@dataclass(frozen=True)
class Entry:
    """What the lake holds of one thing in one quarter: facts about it and its files by name.

    ``compare`` raises Damaged where a file is not the one that was stored; whatever reads a file calls it.
    """

    facts: Mapping[str, Any]
    files: Mapping[str, Path]
    version: str
    compare: Callable[[], None] = field(compare=False, repr=False)

    def scan(self, table: str) -> pl.LazyFrame:
        """Return one Parquet table, lazily. Raises Damaged."""
        self.compare()
        return pl.scan_parquet(self.files[f"{table}.parquet"])

    def read(self, name: str) -> bytes:
        """Return one file's bytes. Raises Damaged."""
        self.compare()
        return self.files[name].read_bytes()


class Lake:
    """Files below one owner-only folder.

    A file is stored under the sha256 of its bytes, so writing the same content twice changes nothing, and a
    reader sees either the whole old content or the whole new one: the pointer is replaced in one step, after
    its files are there. The register lists every pointer, so that one that is gone is missed.
    """

    def __init__(self, root: Path) -> None:
        """Open the lake below ``root``, made owner-only. Raises Refusal where that cannot be, Damaged by its register.

        One without a register is given it, with a seal to each pointer, as an earlier version wrote neither.
        """
        self.root = make_private_folder(root)
        self._compared: set[tuple[Path, int, int, int]] = set()
        self._read: tuple[tuple[int, int, int], Register] | None = None
        if not (self.root / REGISTER).exists():
            with alone(self.root):
                self._make_register()
        self.register()

    def register(self) -> Register:
        """Return the register as it now stands. Raises Damaged where it is not as it was written."""
        path = self.root / REGISTER
        try:
            at = path.stat()
            seen = (at.st_ino, at.st_size, at.st_mtime_ns)
            if self._read is None or self._read[0] != seen:
                self._read = seen, Register.from_bytes(path.read_bytes())
            return self._read[1]
        except (OSError, ValueError, KeyError, TypeError):
            raise Damaged(
                "the register of the lake is damaged or gone",
                where=str(path),
                rule="it lists all that the lake holds, and says to which databases it belongs",
                do=f"bring it back from a copy; where there is none: {ACCEPT}",
            ) from None

    def write_register(self, register: Register) -> None:
        """Replace the register; the caller holds the lake's lock."""
        replace_file(self.root / REGISTER, register.to_bytes())

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
                named[name] = f"{stem}-{sha256_of(path)[:_HASH_DIGITS]}.{kind}"
                path.chmod(0o600)
                _settle(path)
                path.replace(folder / named[name])
        pointer = dumped(json.loads(dumped({"facts": facts, "files": named})))
        replace_file(self._pointer(place, quarter), _sealed(pointer, place, quarter.key))
        if not self._is_listed(place, quarter):
            self._list(lambda held: {*held, f"{place}/{quarter.key}"})
        return self._entry(place, quarter, pointer)

    def get(self, place: str, quarter: Quarter) -> Entry | None:
        """Return what is held, or None when nothing was stored there yet. Raises Damaged where that is not as it was."""
        path = self._pointer(place, quarter)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            if self._is_listed(place, quarter):
                raise _damaged(path, "is gone", place, quarter) from None
            return None
        except OSError as error:
            raise _damaged(path, f"cannot be read ({error.strerror})", place, quarter) from None
        pointer = _unsealed(sealed, place, quarter.key)
        if pointer is None:
            raise _damaged(path, "is not as it was written", place, quarter)
        return self._entry(place, quarter, pointer)

    def get_to_replace(self, place: str, quarter: Quarter) -> Entry | None:
        """Return what is held, whole, for whoever is about to make it anew; None where it is damaged, which is said."""
        try:
            entry = self.get(place, quarter)
            if entry is not None:
                entry.compare()
        except Damaged as damaged:
            sys.stderr.write(f"Not used, and made anew: {damaged.found}.\n")
            return None
        return entry

    def holds(self, place: str, quarter: Quarter) -> bool:
        """Return whether something was stored there, whatever became of it."""
        return self._pointer(place, quarter).exists() or self._is_listed(place, quarter)

    def quarters(self, place: str) -> list[Quarter]:
        """Return the quarters of which something was stored in a place, oldest first."""
        listed = {
            each.rpartition("/")[2] for each in self.register().held if each.rpartition("/")[0] == place
        }
        there = {path.stem for path in (self.root / place).glob("*.json") if _POINTER.fullmatch(path.name)}
        return sorted(Quarter.from_key(key) for key in listed | there)

    def files_of(self, place: str, quarter: Quarter, stored: Mapping[str, str]) -> dict[str, Path]:
        """Return files that a pointer of before named, by name. Raises Damaged where one is not as it was stored."""
        files = {name: self.root / place / each for name, each in stored.items()}
        self._compare(place, quarter, files)
        return files

    def damages(self) -> Iterator[tuple[str, Quarter, Damaged]]:
        """Yield everything in the lake that is not as it was written, with its place and quarter."""
        places = {each.rpartition("/")[0] for each in self.register().held}
        places |= {path.parent.relative_to(self.root).as_posix() for path in self._pointers()}
        for place in sorted(places):
            for quarter in self.quarters(place):
                try:
                    entry = self.get(place, quarter)
                    if entry is not None:
                        entry.compare()
                except Damaged as damaged:
                    yield place, quarter, damaged

    def forget(self, place: str, quarter: Quarter) -> None:
        """Hold nothing of a quarter in a place any more. Files stay: another pointer may name them."""
        path = self._pointer(place, quarter)
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        self._list(lambda held: held - {f"{place}/{quarter.key}"})

    def _entry(self, place: str, quarter: Quarter, pointer: bytes) -> Entry:
        held = json.loads(pointer)
        files = {name: self.root / place / stored for name, stored in held["files"].items()}
        version = hashlib.sha256(pointer).hexdigest()
        return Entry(held["facts"], files, version, lambda: self._compare(place, quarter, files))

    def _compare(self, place: str, quarter: Quarter, files: Mapping[str, Path]) -> None:
        """Raise Damaged unless each file is what it is named by. One that has not changed since is not read again."""
        for path in files.values():
            try:
                at = path.stat()
                seen = (path, at.st_ino, at.st_size, at.st_mtime_ns)
                if seen in self._compared:
                    continue
                same = sha256_of(path)[:_HASH_DIGITS] == path.stem.rpartition("-")[2]
            except OSError as error:
                what = (
                    "is gone"
                    if isinstance(error, FileNotFoundError)
                    else f"cannot be read ({error.strerror})"
                )
                raise _damaged(path, what, place, quarter) from None
            if not same:
                raise _damaged(path, "is not as it was written", place, quarter)
            self._compared.add(seen)

    def _pointer(self, place: str, quarter: Quarter) -> Path:
        return self.root / place / f"{quarter.key}.json"

    def _pointers(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*.json") if _POINTER.fullmatch(path.name))

    def _is_listed(self, place: str, quarter: Quarter) -> bool:
        return f"{place}/{quarter.key}" in self.register().held

    def _list(self, change: Callable[[set[str]], set[str]]) -> None:
        with alone(self.root):
            register = self.register()
            self.write_register(replace(register, held=tuple(sorted(change(set(register.held))))))

    def _make_register(self) -> None:
        """List and seal the pointers there are, as an earlier version did neither. The caller holds the lock.

        A pointer that cannot be read is listed as it is, so that whoever reads it is refused.
        """
        if (self.root / REGISTER).exists():
            return
        pointers = self._pointers()
        for path in pointers:
            with contextlib.suppress(ValueError, OSError):
                content = path.read_bytes()
                held = json.loads(content)
                if isinstance(held, dict) and held.keys() == {"facts", "files"}:
                    place = path.parent.relative_to(self.root).as_posix()
                    replace_file(path, _sealed(dumped(held), place, path.stem))
        named = (path.relative_to(self.root).with_suffix("").as_posix() for path in pointers)
        self.write_register(Register(tuple(sorted(named))))


def _sealed(pointer: bytes, place: str, key: str) -> bytes:
    """Return a pointer as its file has it: with a hash over it and over where it lies: two are not taken for each other."""
    seal = hashlib.sha256(b"\n".join((place.encode(), key.encode(), pointer))).hexdigest()
    return dumped({**json.loads(pointer), "seal": seal})


def _unsealed(sealed: bytes, place: str, key: str) -> bytes | None:
    """Return a pointer without its seal, or None where the file is not as `_sealed` wrote it."""
    try:
        held = json.loads(sealed)
        held.pop("seal", None)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    pointer = dumped(held)
    return pointer if sealed == _sealed(pointer, place, key) else None


def _damaged(path: Path, what: str, place: str, quarter: Quarter) -> Damaged:
    published = place.endswith(f"/{_PUBLICATION}")
    again = (
        f"publish it again: race-equality publish --quarter {quarter.key} --approved-by NAME"
        if published
        else f"run that quarter again with its extracts in the landing folder: race-equality run --quarter {quarter.key}"
    )
    return Damaged(
        f"{path.name} {what}",
        where=f"lake, {place} of {quarter.words}",
        rule="what is kept is read as it was written, by the hash it is named or sealed with",
        do=f"{again}; or bring {path} back from a copy. Where neither can be: {ACCEPT}",
    )


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
