"""Everything Dagster is told: assets over the catalogue, jobs, the quarterly schedule and the sensors."""

from __future__ import annotations

import warnings

import dagster as dg

from assets.approval import approval_resource
from assets.audiences import AUDIENCES, RELEASED
from assets.counts import counts_assets
from assets.estimates import estimates_asset
from assets.protected import protected_assets
from assets.publication import publication_asset
from assets.quality import quality_assets
from assets.received import received_assets
from assets.records import records_assets
from assets.release import release_asset
from assets.required import required_asset
from disparity.catalogue import Catalogue
from pipelines.jobs import QUARTERLY_REPORT, jobs_of
from pipelines.schedules import quarterly_schedule
from pipelines.sensors import failure_sensor, new_extracts_sensor
from resources.settings import Settings
from resources.workplace import Workplace

# Partitioned checks and windows that begin before the first quarter are announced as new in Dagster; both are needed here.
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
warnings.filterwarnings("ignore", category=dg.BetaWarning)


def assets_of(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Return every asset, stage by stage."""
    return [
        *received_assets(catalogue),
        *records_assets(catalogue),
        *quality_assets(catalogue),
        required_asset(catalogue),
        counts_assets(catalogue),
        *(protected_assets(catalogue, audience) for audience in AUDIENCES),
        *(estimates_asset(catalogue, audience) for audience in AUDIENCES),
        *(release_asset(catalogue, audience) for audience in RELEASED),
        *(publication_asset(catalogue, audience) for audience in RELEASED),
    ]


def definitions_for(workplace: Workplace) -> dg.Definitions:
    """Return the code location of one installation."""
    catalogue = workplace.catalogue
    return dg.Definitions(
        assets=assets_of(catalogue),
        jobs=jobs_of(catalogue),
        schedules=[quarterly_schedule(QUARTERLY_REPORT)],
        sensors=[new_extracts_sensor(QUARTERLY_REPORT), failure_sensor()],
        resources={
            "workplace": workplace,
            "approval": approval_resource(required=catalogue.organisation.approval_required),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the code location of the installation that the environment names."""
    return definitions_for(Workplace(Settings.from_environment()))
