"""Protected: the counts of all themes after an audience's policy, as later stages and readers may have them."""

from collections.abc import Iterator

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.audiences import ANALYST, wider_than
from disparity.catalogue import Catalogue, themes_of
from resources.workplace import Workplace


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
                tags=tags_of("protected", audience),
                description=f"{catalogue.house_style.themes[theme]} after the {audience} policy: an interval or [c].",
                code_version=described(__name__),
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
            kept = protect_themes(workplace, audience, quarter, context.log.info)
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
