"""The pseudonym key: where it is kept, who may read it, and the keyed hash that stands for an identifier.

A pseudonym is the first 32 hexadecimal characters of HMAC-SHA-256 (RFC 2104, FIPS 180-4) over the
identifier's UTF-8 text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from disparity.datasets.contract import Dataset
from disparity.refusal import Refusal, refuse
from resources.catalogue_files import hold_to_a_file
from resources.lake import alone, replace_file

KEY_VARIABLE = "RACE_EQUALITY_KEY"
KEY_FILE_VARIABLE = "RACE_EQUALITY_KEY_FILE"
KEY_BYTES = 32
PSEUDONYM_LENGTH = 32
_BLOCK = 64
_FINGERPRINT = "key_fingerprint"

_LONG_ENOUGH = f"a pseudonym key is at least {KEY_BYTES} random bytes, written as hexadecimal or base64"
_MAKE_ONE = f'make one with: python -c "import secrets; print(secrets.token_hex({KEY_BYTES}))"'


@dataclass(frozen=True)
class PseudonymKeys:
    """The keys that identifiers are hashed with, all made from one master key that is never shown."""

    master: bytes = field(repr=False)

    def for_dataset(self, dataset: Dataset) -> bytes:
        """Return the key of a dataset.

        HR datasets share one, so that a person can be followed between them. A dataset told in confidence has
        its own (HMAC of its name), so that its pseudonyms join to nothing.
        """
        if dataset.in_confidence:
            return hmac.digest(self.master, dataset.name.encode(), hashlib.sha256)
        return self.master


def load_keys(key_file: Path | None, lake: Path | None = None) -> PseudonymKeys:
    """Read the key from the environment, else from a key file, which is made on first use.

    None is made where a ``lake`` is named that holds pseudonyms: another key would find nobody of them again.

    ``RACE_EQUALITY_KEY`` wins; then the file that ``RACE_EQUALITY_KEY_FILE`` names, ``key_file``, or
    ``~/.config/race-equality/pseudonym.key``. Raises Refusal for a key that is too short or unreadable, a
    file that others may read, or a place where none can be made.
    """
    stated = os.environ.get(KEY_VARIABLE)
    if stated is not None:
        return PseudonymKeys(_decoded(stated, KEY_VARIABLE))
    path = _key_file(key_file)
    try:
        if path.exists():
            hold_to_a_file(path)
        else:
            if lake is not None:
                _refuse_to_replace_a_lost_one(path, lake)
            _make(path)
        return PseudonymKeys(_read(path))
    except OSError as error:
        raise refuse(
            f"the key file cannot be read or made ({error.strerror})",
            where=str(path),
            rule="identifiers are hashed with a key that is kept from quarter to quarter",
            do=f"let the pipeline's account write there, or name another place in {KEY_FILE_VARIABLE}",
        ) from None


def _refuse_to_replace_a_lost_one(path: Path, lake: Path) -> None:
    if (lake / _FINGERPRINT).exists() or any(lake.glob("received/*/*.parquet")):
        raise refuse(
            f"the pseudonym key is not there, and what lies in {lake} was made with one",
            where=str(path),
            rule="people are followed from quarter to quarter by pseudonyms of one key",
            do=f"bring the key back from a copy, name its file in {KEY_FILE_VARIABLE} or give it in {KEY_VARIABLE}; if it "
            "is lost, start a new storage folder and run every quarter's extract again",
        )


def hold_to_one_key(keys: PseudonymKeys, folder: Path) -> None:
    """Keep a fingerprint of the key in a folder of pseudonyms on first use. Raises Refusal for another key later.

    Under another key everybody has another pseudonym: nobody would be found in earlier quarters any more, and
    figures that follow people would be wrong without a word. The fingerprint is 16 hexadecimal characters of
    an HMAC of a fixed text: the key cannot be found from it.
    """
    fingerprint = hmac.digest(keys.master, b"fingerprint of the pseudonym key", hashlib.sha256).hex()[:16]
    path = folder / _FINGERPRINT
    try:
        with alone(folder):
            if not path.exists():
                replace_file(path, f"{fingerprint}\n".encode())
            kept = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise refuse(
            f"the fingerprint of the pseudonym key cannot be read or written ({error.strerror})",
            where=str(path),
            rule="the storage folder belongs to the account that runs the pipeline",
            do="give that account the folder",
        ) from None
    if kept != fingerprint:
        raise refuse(
            "what lies here was made with another pseudonym key than the one in use",
            where=str(folder),
            rule="people are followed from quarter to quarter by pseudonyms of one key",
            do=f"bring the old key back (in {KEY_VARIABLE}, or the file that {KEY_FILE_VARIABLE} names); if it is "
            "lost, start a new storage folder and run every quarter's extract again",
        )


def pseudonyms(identifiers: pl.Series, key: bytes) -> pl.Series:
    """Return the pseudonym of every identifier (String); null stays null. Each distinct value is hashed once.

    The two halves of HMAC, hash((key ^ opad) + hash((key ^ ipad) + text)), are begun once and copied for each
    value, which takes half the time of calling hmac for each.
    """
    distinct = identifiers.drop_nulls().unique()
    block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner_begun = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer_begun = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def keyed_hash(text: bytes) -> bytes:
        inner, outer = inner_begun.copy(), outer_begun.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()

    hashes = pl.Series([keyed_hash(text) for text in distinct.cast(pl.Binary).to_list()], dtype=pl.Binary)
    shown = hashes.bin.encode("hex").str.slice(0, PSEUDONYM_LENGTH)
    return identifiers.replace_strict(distinct, shown, default=None, return_dtype=pl.String)


def _key_file(given: Path | None) -> Path:
    named = os.environ.get(KEY_FILE_VARIABLE)
    if named:
        return Path(named)
    if given is not None:
        return given
    try:
        return Path.home() / ".config" / "race-equality" / "pseudonym.key"
    except RuntimeError:
        raise refuse(
            "this account has no home folder to keep a key in",
            where="pseudonym key",
            rule="identifiers are hashed with a key that is kept from quarter to quarter",
            do=f"name a key file in {KEY_FILE_VARIABLE} or give the key in {KEY_VARIABLE}",
        ) from None


def _decoded(text: str, where: str) -> bytes:
    text = text.strip()
    try:
        key = (
            bytes.fromhex(text)
            if re.fullmatch(r"[0-9A-Fa-f]+", text)
            else base64.b64decode(text, validate=True)
        )
    except (ValueError, binascii.Error):
        raise _unfit("the key is neither hexadecimal nor base64", where) from None
    if len(key) < KEY_BYTES:
        raise _unfit(f"the key is {len(key)} bytes long", where)
    return key


def _unfit(what: str, where: str) -> Refusal:
    return refuse(
        what,
        where=where,
        rule=_LONG_ENOUGH,
        do=f"use the key of earlier quarters, or for the first run {_MAKE_ONE}",
    )


def _read(path: Path) -> bytes:
    with path.open(encoding="ascii", errors="replace") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise refuse(
                "other accounts may read or write the key file",
                where=str(path),
                rule="the key finds people behind their pseudonyms, so its owner alone may read it",
                do=f"run: chmod 600 {path}",
            )
        return _decoded(file.read(), str(path))


def _make(path: Path) -> None:
    """Make a key file, whole or not at all: written aside, then linked, which fails if another was first."""
    if any((folder / ".git").exists() for folder in path.resolve().parents):
        raise refuse(
            "the key file would lie inside a git working tree",
            where=str(path),
            rule="the key is kept outside the repository, where it cannot be committed",
            do=f"name a place outside it in {KEY_FILE_VARIABLE}",
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(
        os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        file.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass  # another process made the key first, and that one counts
    finally:
        aside.unlink()
