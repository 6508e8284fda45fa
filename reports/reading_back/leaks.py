"""Traces: what in a text tells of the machine or of a person and not of the figures. Findings never repeat it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

# The beginnings of folders on Linux, macOS and Windows, of shares, and of addresses of files.
_PATH = re.compile(
    r"(?<![\w.])(?:/(?:home|Users|root|tmp|var|private|mnt|media|srv|opt|etc|usr|work|data|app|proc|run|dev|Volumes)/"
    r"|~/|[A-Za-z]:\\|\\\\\w|file:/)"
)
# Files other than those a report links to: an extract's name tells who delivered it and when.
_FILE = re.compile(
    r"(?<![\w.-])(?!(?:indicators|analyses|captions)\.csv\b|workbook\.xlsx\b)[\w.-]+\.(?:csv|tsv|xlsx?|ods|parquet|db|key|py)\b",
    re.IGNORECASE,
)
# A pseudonym is 32 hexadecimal digits; hashes that a release names are shorter, or twice as long.
_PSEUDONYM = re.compile(r"(?<![0-9A-Za-z])(?![0-9a-f]{64}(?![0-9A-Za-z]))[0-9A-Fa-f]{32,}(?![0-9A-Za-z])")
# What is shorter stands anywhere by chance.
_SHORTEST = 3


@dataclass(frozen=True)
class Secrets:
    """Strings that may stand nowhere, in any case: whole words of letters and digits alone, and others as they are.

    A word that is ``ordinary`` is none: a user called ``staff`` is named by every page. ``ordinary`` is asked when one
    is found. What has fewer than three characters is not looked for.
    """

    words: frozenset[str]
    others: frozenset[str]
    ordinary: Callable[[], Collection[str]]

    @classmethod
    def of(cls, secrets: Collection[str], ordinary: Callable[[], Collection[str]]) -> Secrets:
        """Return the secrets as they are looked for."""
        sought = frozenset(secret.casefold() for secret in secrets if len(secret) >= _SHORTEST)
        words = frozenset(secret for secret in sought if secret.isalnum())
        return cls(words, sought - words, ordinary)


def traces(texts: Iterable[str], secrets: Secrets) -> Iterator[str]:
    """Yield what traces texts hold: folders and files, pseudonyms, secrets."""
    text = "\n".join(texts)
    if _PATH.search(text) or _FILE.search(text):
        yield "the path or name of a file or folder"
    if _PSEUDONYM.search(text):
        yield "what looks like a pseudonym"
    folded = text.casefold()
    found = secrets.words & words_of(folded) if secrets.words else frozenset()
    if found and not found <= set(secrets.ordinary()):
        yield "a name of this machine or its user, or another secret"
    if any(secret in folded for secret in secrets.others):
        yield "a place of this machine, or another secret"


def words_of(text: str) -> set[str]:
    """Return the words of a text, each a run of letters and digits, in small letters."""
    return set(re.findall(r"[^\W_]+", text.casefold()))
