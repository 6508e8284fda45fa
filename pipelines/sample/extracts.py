"""Writing the sample: an invented organisation's extracts, and a manifest of what was planted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

from disparity.periods import Quarter
from pipelines.sample import events, membership_body_suppliers, trust_suppliers
from pipelines.sample.files import write
from pipelines.sample.people import Calendar, in_post, people, posts
from pipelines.sample.planted import planted_truth
from pipelines.sample.profiles import PROFILES, Profile, ProfileName
from pipelines.sample.untidiness import Planted, untidy
from pipelines.sample.wording import Supplier

MANIFEST = "manifest_invented.json"
SUPPLIERS: dict[ProfileName, dict[str, Supplier]] = {
    "trust": trust_suppliers.SUPPLIERS,
    "membership_body": membership_body_suppliers.SUPPLIERS,
}
_LAST_QUARTER = Quarter.from_key("2026-07-01")
_SURVEY_MONTH = 10


def write_sample(
    out: Path,
    *,
    quarters: int = 12,
    staff: int | None = None,
    seed: int = 1,
    last_quarter: Quarter = _LAST_QUARTER,
    profile: ProfileName = "trust",
) -> Path:
    """Write the extracts of ``quarters`` quarters up to ``last_quarter``; return the manifest's path.

    ``staff`` is the profile's own number where none is given. Six extracts a quarter, the survey in October to
    December alone. The same arguments write the same bytes. The people are drawn once and live through all
    quarters, so snapshots, leavers, training and exit interviews agree.
    """
    chosen = PROFILES[profile]
    staff = chosen.staff if staff is None else staff
    calendar = Calendar(last_quarter.window(quarters))
    held = posts(chosen, staff, quarters, _stream(seed, "posts"))
    everyone = people(chosen, held, calendar, _stream(seed, "people"))
    vacancies = events.vacancies(chosen, staff, calendar, _stream(seed, "vacancies"))
    applied = events.applications(chosen, vacancies, _stream(seed, "applications"))
    out.mkdir(parents=True, exist_ok=True)
    before: dict[str, pl.DataFrame] = {}
    files = []
    for place, quarter in enumerate(calendar.quarters):
        happened = _quarter(chosen, (everyone, applied), calendar, place, seed)
        for dataset, rows in happened.items():
            if rows.is_empty():  # nobody sends a file of headings alone
                continue
            own = _stream(seed, f"{dataset} {quarter.key}")
            worded, planted = _worded(chosen, dataset, rows, before, own)
            path = write(worded, SUPPLIERS[profile][dataset].shape, out / f"{dataset}_{quarter.key}_invented")
            of_whom = {"dataset": dataset, "quarter": quarter.key, "file": path.name, "rows": worded.height}
            files.append({**of_whom, **asdict(planted)})
    manifest = {
        "invented": True,
        "organisation": chosen.organisation,
        "profile": profile,
        "seed": seed,
        "staff": staff,
        "quarters": [quarter.key for quarter in calendar.quarters],
        "files": files,
        "planted": planted_truth(chosen, held, quarters),
    }
    path = out / MANIFEST
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _stream(seed: int, purpose: str) -> np.random.Generator:
    """Return a random stream for one purpose: a change in one dataset leaves the others as they were."""
    own = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, own])


def _quarter(
    profile: Profile, lives: tuple[pl.DataFrame, pl.DataFrame], calendar: Calendar, place: int, seed: int
) -> dict[str, pl.DataFrame]:
    """Return each dataset's true rows for one quarter, from all people and all applications."""
    everyone, applied = lives
    quarter = calendar.quarters[place]

    def own(purpose: str) -> np.random.Generator:
        return _stream(seed, f"{purpose} in {quarter.key}")

    snapshot = in_post(everyone, place).with_columns(snapshot_day=pl.lit(calendar.last_day(place)))
    gone = events.leavers(profile, everyone, place, own("leaving"))
    happened = {
        "staff_in_post": snapshot.sort("person"),
        "recruitment": events.recruitment(applied, calendar, place),
        "learning_budget": events.training_requests(profile, everyone, calendar, place, own("training")),
        "leavers": gone,
        "exit_interviews": events.exit_interviews(profile, gone, calendar, place, own("interviews")),
    }
    if quarter.start.month == _SURVEY_MONTH:
        happened["staff_survey"] = events.survey_replies(profile, everyone, calendar, place, own("survey"))
    return happened


def _worded(
    profile: Profile,
    dataset: str,
    rows: pl.DataFrame,
    before: dict[str, pl.DataFrame],
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, Planted]:
    """Put true rows into the supplier's words and plant its untidiness; keep the tidy rows in ``before``."""
    supplier = SUPPLIERS[profile.name][dataset]
    tidy = supplier.words(rows, rng)
    late = before.get(dataset) if supplier.late_where else None
    if supplier.late_where:
        before[dataset] = tidy.filter(~pl.col(supplier.late_where).is_in(["", "-"]))
    if dataset == "exit_interviews":
        return tidy, Planted()
    untidied, planted = untidy(tidy, late, supplier.ethnicity, supplier.unknown_word, rng)
    if dataset == "staff_in_post" and profile.name == "trust":
        left_out = trust_suppliers.earlier_and_second_assignments(tidy, rng)
        return pl.concat([untidied, left_out]), Planted(**{**asdict(planted), "left_out": left_out.height})
    return untidied, planted
