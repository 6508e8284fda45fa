"""Counts: all that later stages know about people, by theme, before any policy."""

from collections.abc import Iterator

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import longest_window, over_window, quarter_of, quarters_of
from assets.states import NOT_RECEIVED, RECEIVED
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue, themes_of
from disparity.datasets import DATASETS
from resources.workplace import Workplace


def counts_assets(catalogue: Catalogue) -> dg.AssetsDefinition:
    """Make the counts of all themes, one asset each, counted in one step."""
    quarters, window = quarters_of(catalogue.organisation), longest_window(catalogue)
    deps = [
        dg.AssetDep(dg.AssetKey(["records", name]), partition_mapping=over_window(window))
        for name in DATASETS
    ]

    @dg.multi_asset(
        name="counts",
        specs=[
            dg.AssetSpec(
                ["counts", theme],
                deps=deps,
                partitions_def=quarters,
                group_name="counts",
                kinds={"polars"},
                owners=[team(catalogue)],
                tags=tags_of("counts"),
                description=f"{catalogue.house_style.themes[theme]}: counts by indicator, breakdown and group. Owner-only.",
                code_version=described(__name__),
            )
            for theme in themes_of(catalogue)
        ],
    )
    @stops_in_words
    def counts(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.counting import count_theme, records_held
        from assets.lacking import lacking
        from assets.runs import note_run
        from resources.withheld import words_withheld

        note_run(context, workplace)
        quarter = quarter_of(context)
        records = records_held(workplace, quarter, window)
        missed = lacking(workplace, quarter)
        about: dict[str, str] = {"state": NOT_RECEIVED if missed else RECEIVED}
        if missed:
            about["in words"] = "; ".join(f"{each.title}: {each.state}" for each in missed)
        for theme in themes_of(catalogue):
            with words_withheld("records were counted"):
                entry = count_theme(workplace, theme, records, quarter)
            yield dg.MaterializeResult(
                asset_key=["counts", theme],
                data_version=dg.DataVersion(entry.version),
                metadata={"figures counted": entry.facts["rows"], **about},
            )

    return counts
