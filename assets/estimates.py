"""Estimates: one row per indicator, breakdown and level for an audience, kept by vintage."""

from collections.abc import Iterator

import dagster as dg

from assets.column_schemas import schema_of_estimates
from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.audiences import ANALYST
from disparity.catalogue import Catalogue, themes_of
from resources.workplace import Workplace


def estimates_asset(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's estimates."""
    quarters = quarters_of(catalogue.organisation)

    @dg.asset(
        key=dg.AssetKey([audience, "estimates"]),
        deps=[dg.AssetKey([audience, "protected", theme]) for theme in themes_of(catalogue)],
        partitions_def=quarters,
        group_name=f"{audience}_report",
        kinds={"pandas", "scipy"},
        owners=[team(catalogue)],
        tags=tags_of("estimates", audience),
        metadata={"dagster/column_schema": schema_of_estimates()},
        description=f"What the {audience} counts say of each indicator: rates, ratio, difference, intervals and evidence.",
        code_version=described(__name__),
    )
    @stops_in_words
    def estimates(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.estimating import keep_estimates, summary

        table = keep_estimates(workplace, audience, quarter_of(context))
        metadata: dict[str, object] = {
            "figures": len(table),
            "figures told": int((table["status"] == "").sum()),
            "vintage": int(table["vintage"].iloc[0]),
        }
        if audience == ANALYST:
            metadata["where"] = (
                "analyst/<quarter>/indicators.csv below the storage folder, for named analysts"
            )
        else:
            metadata["headline figures"] = dg.MetadataValue.md(summary(table, catalogue))
        yield dg.MaterializeResult(metadata=metadata)  # type: ignore[arg-type]

    return estimates
