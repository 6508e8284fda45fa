"""The lake's register: which pointers it holds, and by which identity its storage's two databases know it.

Without it nobody would notice that a pointer was deleted. What pointers say and where the file lies is `resources.lake`'s;
whether the databases belong to this lake is `resources.belonging`'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_SEAL = "seal"


@dataclass(frozen=True)
class Known:
    """How the three parts of one storage know each other: an identity made once, and how often they were opened."""

    identity: str
    opened: int


@dataclass(frozen=True)
class Register:
    """What is written of a lake as a whole. ``opening``: the databases may have been opened once less than it says."""

    held: tuple[str, ...] = ()
    known: Known | None = None
    opening: bool = False

    def to_bytes(self) -> bytes:
        """Return it as the file has it, with a seal by which a damaged one is known."""
        return dumped({**asdict(self), _SEAL: _seal(asdict(self))})

    @classmethod
    def from_bytes(cls, content: bytes) -> Register:
        """Read it back. Raises ValueError where it is not as it was written."""
        read = json.loads(content)
        if not isinstance(read, dict) or read.pop(_SEAL, None) != _seal(read):
            raise ValueError("the register is not as it was written")
        known = Known(**read["known"]) if read["known"] else None
        return cls(tuple(read["held"]), known, read["opening"])


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(dumped(content)).hexdigest()


def dumped(content: Mapping[str, Any]) -> bytes:
    """Return what is sealed as its file has it: the same content is the same bytes."""
    return json.dumps(content, sort_keys=True, indent=1).encode()
