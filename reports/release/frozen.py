"""A release: everything that may be said of one quarter to one audience, frozen as bytes and read back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal

import pandas as pd

from disparity.audiences import Audience
from disparity.catalogue.commentary import Commentary
from disparity.catalogue.organisation import Organisation
from disparity.periods import Quarter
from disparity.rows import Estimate, Kind, Line, columns_of
from reports.release.analyses import ANALYSES_COLUMNS, canonical_analyses
from reports.release.estimates import COLUMNS, canonical
from reports.release.revisions import Revised

_IN_JSON: Mapping[Kind, dict[str, str]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"$ref": "#/$defs/number"},
}

# Settings of an organisation that name people or their papers.
_NOT_TOLD = {"agreements"}


@dataclass(frozen=True)
class DatasetStatus:
    """Whether a dataset came this quarter, and in words what there is to know about it."""

    name: str
    title: str
    state: Literal["received", "not received", "refused"]
    words: str


@dataclass(frozen=True, eq=False)
class Release:
    """What may be said of a quarter to an audience.

    ``estimates`` are the rows of the quarter and ``analyses`` the lines behind them; ``history`` has the columns
    of the estimates and holds the headline indicators for the whole organisation (breakdown ``all``), earlier
    quarters and this one. ``provenance`` is what belongs to its content of where it comes from: policy and vintage.
    ``changed_since`` names the parts of the method that are not those of the last quarter's release; None where that is not
    on record. ``revisions`` are the vintages of the quarters it tells of that changed what was published.
    """

    organisation: Organisation
    audience: Audience
    quarter: Quarter
    estimates: pd.DataFrame
    analyses: pd.DataFrame
    history: pd.DataFrame
    datasets: tuple[DatasetStatus, ...]
    quality_notes: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    policy_title: str
    policy_why: str
    commentary: Commentary | None = None
    changed_since: tuple[str, ...] | None = None
    revisions: tuple[Revised, ...] = ()

    @property
    def own_revisions(self) -> tuple[Revised, ...]:
        """The revisions of the quarter that the release is of."""
        end = self.quarter.end.isoformat()
        return tuple(each for each in self.revisions if each.period_end == end)

    def is_revised(self, row: Estimate) -> bool:
        """Return whether a figure was published before and is another now."""
        return any(each.concerns(row) for each in self.revisions)


def to_json(release: Release) -> bytes:
    """Freeze a release as canonical JSON: sorted keys, shortest exact floats, UTF-8. Its form is that of `schema`.

    It is published with the report and leaves out who recorded which agreement.
    """
    content = {
        "organisation": release.organisation.model_dump(mode="json", exclude=_NOT_TOLD),
        "audience": release.audience,
        "quarter": release.quarter.key,
        "estimates": _from_frame(canonical(release.estimates)),
        "analyses": _from_frame(canonical_analyses(release.analyses)),
        "history": _from_frame(canonical(release.history)),
        "datasets": [asdict(dataset) for dataset in release.datasets],
        "quality_notes": list(release.quality_notes),
        "provenance": [list(pair) for pair in release.provenance],
        "policy_title": release.policy_title,
        "policy_why": release.policy_why,
        "commentary": release.commentary.model_dump(mode="json") if release.commentary else None,
        "changed_since": None if release.changed_since is None else list(release.changed_since),
        "revisions": [each.as_json() for each in release.revisions],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def from_json(content: bytes) -> Release:
    """Read back what `to_json` wrote. Raises ValueError for anything else."""
    read = json.loads(content)
    if not isinstance(read, dict):
        raise ValueError("a frozen release is one JSON object")
    try:
        return Release(
            organisation=Organisation.model_validate(read["organisation"]),
            audience=read["audience"],
            quarter=Quarter.from_key(read["quarter"]),
            estimates=_table(read["estimates"]),
            analyses=canonical_analyses(pd.DataFrame(read["analyses"], columns=list(ANALYSES_COLUMNS))),
            history=_table(read["history"]),
            datasets=tuple(DatasetStatus(**dataset) for dataset in read["datasets"]),
            quality_notes=tuple(read["quality_notes"]),
            provenance=tuple((name, value) for name, value in read["provenance"]),
            policy_title=read["policy_title"],
            policy_why=read["policy_why"],
            commentary=_commentary(read.get("commentary")),
            changed_since=_names(read.get("changed_since")),
            revisions=_revisions(read),
        )
    except KeyError as error:
        raise ValueError(f"a frozen release needs {error.args[0]}") from None


def schema() -> bytes:
    """Return the JSON Schema of a frozen release, which is published beside it; of its rows, by the registry of columns."""
    whole = json.loads(files("reports").joinpath("schemas/release.schema.json").read_bytes())
    whole["$defs"] |= {"estimate": _schema_of(Estimate), "line": _schema_of(Line)}
    return f"{json.dumps(whole, indent=2)}\n".encode()


def _schema_of(row: type[Estimate | Line]) -> dict[str, Any]:
    columns = columns_of(row)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(columns),
        "properties": {
            name: {**_IN_JSON[each.kind], **each.about.held_to, "description": each.about.words}
            for name, each in columns.items()
        },
    }


def revisions_in(content: bytes) -> tuple[Revised, ...]:
    """Return the revisions of a frozen release, whichever version of this software froze it."""
    return _revisions(json.loads(content))


def _revisions(read: Mapping[str, Any]) -> tuple[Revised, ...]:
    if "revisions" in read:
        return tuple(Revised.from_json(each) for each in read["revisions"])
    # Frozen before there were reasons: that it was revised is seen by its vintage.
    end = Quarter.from_key(read["quarter"]).end.isoformat()
    newest = max((int(row["vintage"]) for row in read["estimates"]), default=1)
    return tuple(Revised(end, vintage) for vintage in range(2, newest + 1))


def _commentary(read: Any) -> Commentary | None:
    """Return the commentary; None where there is none, as in a release frozen before there could be one."""
    return None if read is None else Commentary.model_validate(read)


def _names(read: Any) -> tuple[str, ...] | None:
    return None if read is None else tuple(read)


def content_hash(release: Release) -> str:
    """Return the sha256 of the frozen release, in hexadecimal."""
    return hashlib.sha256(to_json(release)).hexdigest()


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of estimates as a table, with the columns they have: an earlier version had fewer."""
    return canonical(pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(COLUMNS)))


def _from_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Return a value that JSON has: no number is null, and a limit without end is the text ``inf``."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)
