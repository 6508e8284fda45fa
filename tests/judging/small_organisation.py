"""A small organisation to be judged: its catalogue, tables published by hand, and what the product's audit says of them.

This is a test's setup, which may use the product; the judge (``tests/judge``) may not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from disparity.periods import Quarter
from pipelines.commands.auditing import audit_files
from reports.release.estimates import COLUMNS, quoted
from resources.settings import Settings

QUARTER = Quarter.from_key("2026-01-01")
POLICY = "by_hand"
CELLS = ("reference_base", "reference_events", "group_base", "group_events", "unknown_base", "unknown_events")
HIDDEN = "[c]"
SECONDS = 60.0

BANDS, DIRECTORATES = ("Support", "Professional", "Manager"), ("North", "South", "West")
REASONS = ("Pay", "Relocation", "Retirement", "Unknown")
_LISTS = {
    "band": list(BANDS),
    "directorate": list(DIRECTORATES),
    "staff_type": [],
    "staff_group": [],
    "channel": ["Website", "Agency"],
    "leaving_reason": list(REASONS),
}
_THEMES = ("workforce", "recruitment", "development", "leaving", "experience")
HOW_OFTEN, FAIR = ("Never", "1 to 2", "3 or more"), ("Yes", "No", "Don't know")
_SURVEY = {
    "scales": {"how_often": list(HOW_OFTEN), "fair": list(FAIR)},
    "staff_survey": {
        name: {
            "text": "A question?",
            "theme": "experience",
            "scale": scale,
            "favourable": [first],
            "number": {2026: "1"},
        }
        for name, scale, first in (("harassed", "how_often", HOW_OFTEN[0]), ("fair", "fair", FAIR[0]))
    },
    "exit_interviews": {},
}
EXACT = {
    "title": "Exact counts of 10 and more",
    "why": "Made for a test.",
    "threshold": 10,
    "round_to": 1,
    "percent_decimals": 0,
    "pounds_round_to": 10,
    "least_interval": 5,
}


class Row(NamedTuple):
    """One row of a table published by hand: its counts as a reader has them, a number or ``[c]``; None where there is none.

    ``compared``: a p-value stands beside them.
    """

    indicator: str
    breakdown: str = "all"
    level: str = "all"
    reference: tuple[int | str | None, int | str | None] = (None, None)
    group: tuple[int | str | None, int | str | None] = (None, None)
    unknown: tuple[int | str | None, int | str | None] = (None, None)
    compared: bool = False
    quarters: int = 1

    @property
    def cells(self) -> dict[str, int | str | None]:
        """The counts by cell."""
        return dict(zip(CELLS, (*self.reference, *self.group, *self.unknown), strict=True))


def catalogue_in(
    folder: Path, indicators: Mapping[str, Mapping[str, Any]], policy: Mapping[str, Any] | None = None
) -> Path:
    """Write the catalogue of an organisation with these indicators, whose words do not matter."""
    (folder / "policies").mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / "catalogue" / "ethnicity.csv", folder)
    audiences = dict.fromkeys(("restricted", "published"), POLICY)
    organisation = {
        "name": "A small organisation", "short_name": "It", "headcount": 200, "first_quarter": QUARTER.start,
        "owner": "nobody", "required_datasets": [], "approval_required": False,
        "invented": True, "audiences": audiences, "lists": _LISTS,
    }  # fmt: skip
    words = {"title": "A title", "question": "A question?", "base_words": "people", "event_words": "had it"}
    named = {
        name: {**words, "title": f"Title {at}", "sensitivity": "low", "quarters": 1, **each}
        for at, (name, each) in enumerate(indicators.items())
    }
    house_style = {
        "groups": {"white": "White", "ethnic_minority": "ethnic minority", "unknown": "unknown"},
        "themes": {each: each.capitalize() for each in _THEMES},
        "breakdowns": {"broad_group": "ethnic group", "band": "band", "directorate": "directorate"},
    }
    contents: dict[str, Any] = {
        "organisation": organisation, "indicators": named, "house_style": house_style, "expectations": {},
        "sources": {}, "survey": _SURVEY,
        f"policies/{POLICY}": policy or EXACT,
    }  # fmt: skip
    for name, content in contents.items():
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def policy_of(catalogue: Path) -> Path:
    """Return the YAML of the policy that everything is published by."""
    return catalogue / "policies" / f"{POLICY}.yaml"


def table_in(folder: Path, rows: Sequence[Row], quarter: Quarter = QUARTER) -> Path:
    """Publish a table: write ``indicators.csv`` with these counts."""
    report = folder / "published" / quarter.key
    report.mkdir(parents=True)
    lines = [COLUMNS, *([_cell(name, row, quarter) for name in COLUMNS] for row in rows)]
    text = "".join(",".join(map(quoted, line)) + "\n" for line in lines)
    (report / "indicators.csv").write_text(text, encoding="utf-8")
    return report / "indicators.csv"


def _cell(column: str, row: Row, quarter: Quarter) -> str:
    same = {
        "organisation": "It",
        "indicator": row.indicator,
        "breakdown": row.breakdown,
        "level": row.level,
        "quarter": quarter.key,
        "period_start": quarter.plus(1 - row.quarters).key,
        "period_end": quarter.end.isoformat(),
        "quarters": str(row.quarters),
        "vintage": "1",
        "p_value": "0.5" if row.compared else "",
    }
    if column in same:
        return same[column]
    cell, of = column.removesuffix("_status"), row.cells
    if cell not in of:
        return ""
    status = "[x]" if of[cell] is None else HIDDEN if of[cell] == HIDDEN else ""
    return status if column.endswith("_status") else "" if status else str(of[cell])


def audited(catalogue: Path, storage: Path, *folders: Path) -> dict[str, Any]:
    """Let the product audit published folders, and read its verdict as it was written."""
    settings = Settings.from_environment({}, catalogue=catalogue, storage=storage)
    audit_files(settings, QUARTER, "published", folders, SECONDS)
    written = storage / "audit" / "from_files" / QUARTER.key / "audit.json"
    verdict: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return verdict
