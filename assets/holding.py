"""Holding: a release that must not go out is recorded as held, with the checks that hold it and what they say."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

from assets.lacking import Lacking, not_released
from disparity.periods import Quarter
from reports.release.frozen import Release, to_json
from resources.databases import latest_release, log, save_release
from resources.workplace import Workplace

EXTRACTS = "required_datasets_received"


def hold(workplace: Workplace, release: Release, failed: Mapping[str, str]) -> None:
    """Record that a quarter's release is held back by these checks; their words are for analysts."""
    content = hashlib.sha256(to_json(release)).hexdigest()
    vintage = int(release.estimates["vintage"].iloc[0])
    _record(workplace, release.audience, release.quarter, vintage, content, failed)


def hold_for_extracts(
    workplace: Workplace, audience: str, quarter: Quarter, missed: Sequence[Lacking]
) -> None:
    """Record that a quarter is held back before anything of it is counted for an audience."""
    before = latest_release(workplace.results, audience, quarter)
    words = not_released(quarter, missed)
    content = hashlib.sha256(words.encode()).hexdigest()
    _record(workplace, audience, quarter, before.vintage if before else 1, content, {EXTRACTS: words})


def why_held(workplace: Workplace, audience: str, quarter: Quarter, content: str) -> str:
    """Return which checks hold a release back and what they say, or "" where an earlier version did not keep it."""
    entry = workplace.lake.get(f"{audience}/held", quarter)
    if entry is None or entry.facts["sha256"] != content:
        return ""
    return "; ".join(f"{check}: {words}" for check, words in entry.facts["failed"].items())


def _record(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    vintage: int,
    content: str,
    failed: Mapping[str, str],
) -> None:
    now = dt.datetime.now(dt.UTC)
    workplace.lake.put(f"{audience}/held", quarter, {"sha256": content, "failed": dict(failed)}, {})
    number = save_release(
        workplace.results, audience, quarter, vintage, content, state="held", released_at=now
    )
    log(workplace.results, "pipeline", f"held {audience} {quarter.key}, release {number}", now)
