"""Provenance of a release: gathered from the software, the catalogue and the lake, and read back from what was released."""

from __future__ import annotations

from collections.abc import Mapping

from assets.naming import code_version, lock_sha256
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from reports.release.provenance import PROVENANCE, Provenance, content_sha256
from resources.lake import Entry
from resources.workplace import Workplace


def with_provenance(workplace: Workplace, quarter: Quarter, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a quarter's release with the one that says what made them."""
    extracts = {name: _extract(workplace, name, quarter) for name in DATASETS}
    made = Provenance(
        content=content_sha256(files),
        software=code_version(),
        dependencies=lock_sha256(),
        method=workplace.method,
        extracts={name: hashes for name, hashes in extracts.items() if hashes},
    )
    return {**files, PROVENANCE: made.to_json()}


def provenance_of(entry: Entry) -> Provenance | None:
    """Return what made a release that the lake holds; None where an earlier version froze it, which kept no such file."""
    return Provenance.from_json(entry.read(PROVENANCE)) if PROVENANCE in entry.files else None


def _extract(workplace: Workplace, dataset: str, quarter: Quarter) -> list[str]:
    entry = workplace.lake.get(f"received/{dataset}", quarter)
    return [file["sha256"] for file in entry.facts.get("files", [])] if entry else []
