"""Counts and protected counts: what later stages know about people, by theme, before and after an audience's policy."""

from collections.abc import Iterator

import dagster as dg

from assets.audiences import ANALYST, themes_of, wider_than
from assets.naming import described, team
from assets.partitions import longest_window, over_window, quarter_of, quarters_of
from assets.states import NOT_RECEIVED, RECEIVED
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
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
                description=f"{catalogue.house_style.themes[theme]}: counts by indicator, breakdown and group. Owner-only.",
                code_version=described(
                    "assets.counting", "disparity.catalogue.given", "disparity.counts", "disparity.divisions"
                ),
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


def protected_assets(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's protected counts of all themes, in one step."""
    quarters = quarters_of(catalogue.organisation)

    @dg.multi_asset(
        name=f"{audience}_protected",
        specs=[
            dg.AssetSpec(
                [audience, "protected", theme],
                deps=[
                    dg.AssetKey(["counts", theme]),
                    # Its readers have the wider report beside it.
                    *(dg.AssetKey([wider, "protected", theme]) for wider in wider_than(audience)),
                ],
                partitions_def=quarters,
                skippable=True,
                group_name=f"{audience}_protected",
                kinds={"polars"},
                owners=[team(catalogue)],
                description=f"{catalogue.house_style.themes[theme]} after the {audience} policy: an interval or [c].",
                code_version=described(
                    "assets.protecting",
                    "disparity.adding_up",
                    "disparity.attacker",
                    "disparity.audit",
                    "disparity.complements",
                    "disparity.disclosure",
                    "disparity.ledger",
                    "disparity.populations",
                    "disparity.programs",
                    "disparity.protected_sums",
                    "disparity.suppression",
                    "disparity.unanswered",
                ),
            )
            for theme in themes_of(catalogue)
        ],
    )
    @stops_in_words
    def protected(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.counting import policy_of
        from assets.lacking import lacking, not_released
        from assets.protecting import protect_themes
        from disparity.disclosure import shown_count
        from resources.withheld import words_withheld

        quarter = quarter_of(context)
        missed = lacking(workplace, quarter)
        if missed:
            # Nothing is yielded, so Dagster skips what follows; `quality/required_extracts` fails the run.
            context.log.error(not_released(quarter, missed))
            return
        with words_withheld("counts were protected", but=(dg.Failure,)):
            kept = protect_themes(workplace, audience, quarter)
        for theme, entry in kept.items():
            metadata = {"policy": policy_of(workplace, audience).title}
            if audience != ANALYST:
                metadata["cells not shown"] = shown_count(
                    entry.facts["cells_hidden"], workplace.policy(audience)
                )
            yield dg.MaterializeResult(
                asset_key=[audience, "protected", theme],
                data_version=dg.DataVersion(entry.version),
                metadata=metadata,
            )

    return protected
