"""Everything Dagster is told: assets over the catalogue, jobs, the quarterly schedule and the sensors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import dagster as dg

from assets.approval import approval_resource
from assets.counts import counts_assets
from assets.estimates import estimates_asset
from assets.protected import protected_assets
from assets.publication import publication_asset
from assets.quality import quality_assets
from assets.received import received_assets
from assets.records import records_assets
from assets.release import release_asset
from assets.required import required_asset
from disparity.audiences import AUDIENCES, RELEASED
from disparity.catalogue import Catalogue
from disparity.periods import Quarter
from pipelines.jobs import QUARTERLY_REPORT, jobs_of
from pipelines.schedules import quarterly_schedule
from pipelines.sensors import failure_sensor, new_extracts_sensor
from resources.settings import Settings
from resources.turns import turn
from resources.workplace import Workplace

_QUARTER, _FIRST_OF_SEVERAL = "dagster/partition", "dagster/asset_partition_range_start"  # Dagster's own tags

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


def in_its_turn(workplace: Workplace) -> dg.ResourceDefinition:
    """Return the workplace as assets get it: a run waits for its turn; what only looks, such as a sensor, does not."""

    def lend(context: dg.InitResourceContext) -> Iterator[Workplace]:
        tags = context.run.tags if context.run else {}
        key = tags.get(_QUARTER) or tags.get(_FIRST_OF_SEVERAL)
        if key is None:
            yield workplace
            return
        say = context.log.info if context.log else print
        with turn(workplace.settings.storage, Quarter.from_key(key), say):
            yield workplace

    return dg.ResourceDefinition(lend, description="Everything outside the process that an asset may touch.")


def definitions_for(workplace: Workplace) -> dg.Definitions:
    """Return the code location of one installation."""
    catalogue = workplace.catalogue
    return dg.Definitions(
        assets=assets_of(catalogue),
        jobs=jobs_of(catalogue),
        schedules=[quarterly_schedule(QUARTERLY_REPORT)],
        sensors=[new_extracts_sensor(QUARTERLY_REPORT), failure_sensor()],
        resources={
            "workplace": in_its_turn(workplace),
            "approval": approval_resource(required=catalogue.organisation.approval_required),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the code location of the installation that the environment names."""
    return definitions_for(Workplace(Settings.from_environment()))
