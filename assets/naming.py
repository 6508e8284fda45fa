"""What every asset says of itself in the interface: its owner, its tags and the version of the code behind it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from disparity.catalogue import Catalogue
from resources.source_code import SourceTree

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("disparity", "reports", "resources", "assets", "pipelines")


def team(catalogue: Catalogue) -> str:
    """Return the owning team in the form Dagster shows."""
    return f"team:{catalogue.organisation.owner}"


def tags_of(stage: str, audience: str = "") -> dict[str, str]:
    """Return the tags that assets are found by: their stage, whom they are for, and who may read what they hold."""
    readers = {"restricted": "named-readers", "published": "everybody"}.get(audience, "owner-only")
    return {"stage": stage, "readers": readers} | ({"audience": audience} if audience else {})


def described(module: str) -> str:
    """Return a code version that changes with any byte of what a module rests on. Who calls gives its ``__name__``."""
    return _sources(_ROOT).version(module)


@cache
def _sources(root: Path) -> SourceTree:
    return SourceTree(root, _PACKAGES)


@cache
def code_version() -> str:
    """Return the pipeline's version and a hash over its own source, so that any change of code can be told."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*")):
            if path.suffix in {".py", ".css", ".jinja", ".html"}:
                digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('race-equality-pipeline')} ({digest.hexdigest()[:12]})"


@cache
def lock_sha256() -> str | None:
    """Return the hash of the file that pins every dependency; None where the software runs without it."""
    lock = _ROOT / "requirements.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None
