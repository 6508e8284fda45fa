"""Provenance: what made a release, in a file that is published with it and is no part of what is approved.

Here stands what may change though no figure and no word does: software, dependencies, catalogue and the bytes of extracts.
What is content stands in the release itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from disparity.catalogue import Method
from disparity.datasets import DATASETS

PROVENANCE = "provenance.json"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"\d+\.\d+\.\d+\w*(?: \([0-9a-f]{12}\))?")


@dataclass(frozen=True)
class Provenance:
    """What made a release, and which content it belongs to. Hashes are sha256, in hexadecimal.

    ``software`` is the version with a hash of the source; ``dependencies`` is of the file that pins them, None without
    one; ``method`` is by part of the catalogue, ``extracts`` by dataset, a hash for each file.
    """

    content: str
    software: str
    dependencies: str | None
    method: Mapping[str, str]
    extracts: Mapping[str, Sequence[str]]

    def to_json(self) -> bytes:
        """Return it as the file that is published."""
        return f"{json.dumps(asdict(self), indent=1, sort_keys=True)}\n".encode()

    @classmethod
    def from_json(cls, content: bytes) -> Provenance:
        """Read back what `to_json` wrote. Raises ValueError for anything else."""
        read = json.loads(content)
        if not isinstance(read, dict) or set(read) != {each.name for each in fields(cls)}:
            raise ValueError("no provenance of ours")
        return cls(**read)


def content_sha256(files: Mapping[str, bytes]) -> str:
    """Return the one hash that is approved: over all the files of a release but its provenance, names included."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        if name != PROVENANCE:
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def unexplained_in_provenance(content: bytes, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what the file of provenance says that is neither a version nor a hash, or is of other files than ``files``.

    Raises ValueError where the bytes are no provenance.
    """
    found = Provenance.from_json(content)
    if found.content != content_sha256(files):
        yield "it belongs to other files than those beside it"
    if not _VERSION.fullmatch(found.software):
        yield "its software is no version"
    if set(found.method) != set(Method.model_fields):
        yield "its method has other parts than a catalogue"
    if not set(found.extracts) <= set(DATASETS):
        yield "it names an extract that there is not"
    hashes = [*found.method.values(), *(each for held in found.extracts.values() for each in held)]
    if not all(_SHA256.fullmatch(each) for each in [*hashes, found.dependencies or found.content]):
        yield "a hash in it is none"
