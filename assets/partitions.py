"""The quarters that assets and jobs are partitioned by, and how a window maps to them."""

from __future__ import annotations

import dagster as dg

from disparity.catalogue import Catalogue, Organisation
from disparity.periods import Quarter


def quarters_of(organisation: Organisation) -> dg.TimeWindowPartitionsDefinition:
    """Return the organisation's closed quarters, keyed by first day."""
    return dg.TimeWindowPartitionsDefinition(
        start=organisation.first_quarter.isoformat(),
        cron_schedule="0 0 1 1,4,7,10 *",
        fmt="%Y-%m-%d",
        timezone="Europe/London",
    )


def longest_window(catalogue: Catalogue) -> int:
    """Return how many quarters the longest indicator looks back over, this one included."""
    return max(indicator.quarters for indicator in catalogue.indicators.values())


def over_window(quarters: int) -> dg.TimeWindowPartitionMapping:
    """Map a quarter to the window that ends with it; quarters before the first are simply not there."""
    return dg.TimeWindowPartitionMapping(
        start_offset=1 - quarters, end_offset=0, allow_nonexistent_upstream_partitions=True
    )


def quarter_of(context: dg.AssetExecutionContext) -> Quarter:
    """Return the quarter a run is about."""
    return Quarter.from_key(context.partition_key)
