"""What every asset says of itself in the interface: its owner and the version of the code behind it."""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from importlib.metadata import version
from pathlib import Path
from collections.abc import Callable
from typing import Any

from disparity.catalogue import Catalogue


def team(catalogue: Catalogue) -> str:
    """Return the owning team in the form Dagster shows."""
    return f"team:{catalogue.organisation.owner}"


def described(*functions: Callable[..., Any]) -> str:
    """Return a code version that changes when the modules of these functions change."""
    digest = hashlib.sha256()
    for module in sorted({inspect.getsourcefile(function) or "" for function in functions}):
        with open(module, "rb") as source:
            digest.update(source.read())
    return digest.hexdigest()[:12]


@cache
def code_version() -> str:
    """Return the pipeline's version and a hash over its own source, so that any change of code can be told."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for package in ("disparity", "reports", "resources", "assets", "pipelines"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".py", ".css", ".jinja", ".html"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('race-equality-pipeline')} ({digest.hexdigest()[:12]})"
