"""What a release says of how it was made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Protocol


class Finished(Protocol):
    storage: Path
    key: str


def test_a_release_names_the_pinned_dependencies_it_was_made_with(finished_sample: Finished) -> None:
    published = finished_sample.storage / "published" / finished_sample.key
    provenance = dict(json.loads((published / "release.json").read_text(encoding="utf-8"))["provenance"])
    lock = Path(__file__).resolve().parents[2] / "requirements.lock"
    assert provenance["Pinned dependencies (sha256)"] == hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    assert "Pinned dependencies (sha256)" in (published / "index.html").read_text(encoding="utf-8")
