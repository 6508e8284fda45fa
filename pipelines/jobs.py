"""The jobs an analyst starts from the interface: which assets each one makes, in which order."""

from __future__ import annotations

from typing import Any

import dagster as dg

from assets import required
from disparity.audiences import AUDIENCES, RELEASED
from disparity.catalogue import Catalogue, themes_of
from disparity.datasets import DATASETS

QUARTERLY_REPORT = "quarterly_report"


def _inputs() -> dg.AssetSelection:
    keys = [dg.AssetKey([stage, name]) for stage in ("received", "records") for name in DATASETS]
    return dg.AssetSelection.assets(*keys, dg.AssetKey(["quality", "profiles"]))


def _outputs(catalogue: Catalogue) -> dg.AssetSelection:
    themes = themes_of(catalogue)
    keys = [dg.AssetKey(["counts", theme]) for theme in themes]
    keys += [dg.AssetKey([audience, "protected", theme]) for audience in AUDIENCES for theme in themes]
    keys += [dg.AssetKey([audience, "estimates"]) for audience in AUDIENCES]
    keys += [dg.AssetKey([audience, "release"]) for audience in RELEASED]
    keys += [dg.AssetKey(["quality", "expectations"]), required.KEY]
    return dg.AssetSelection.assets(*keys)


def _publications() -> dg.AssetSelection:
    return dg.AssetSelection.assets(*(dg.AssetKey([audience, "publication"]) for audience in RELEASED))


def jobs_of(catalogue: Catalogue) -> list[Any]:
    """Return the jobs. A quarter is published by its own run where no approval is required."""
    everything = _inputs() | _outputs(catalogue)
    if not catalogue.organisation.approval_required:
        everything |= _publications()
    described = {
        QUARTERLY_REPORT: (everything, "One quarter from its extracts to its release."),
        "backfill_history": (
            _inputs(),
            "Records of quarters past. Run it for all of them first, then rebuild_after_restatement from the oldest on.",
        ),
        "rebuild_after_restatement": (
            _outputs(catalogue),
            "From counts onward, for each quarter whose window holds one that was restated.",
        ),
        "publish": (
            _publications(),
            "Approve the latest releases of one quarter, by name, and write them to their places."
            if catalogue.organisation.approval_required
            else "Write the latest releases of a quarter to their places.",
        ),
    }
    return [
        dg.define_asset_job(name, selection=selection, description=words, executor_def=dg.in_process_executor)
        for name, (selection, words) in described.items()
    ]
