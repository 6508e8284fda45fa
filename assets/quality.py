"""Quality: each quarter's profile of every dataset, and what the catalogue expects of it, as warnings in words."""

from collections.abc import Iterator

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS
from resources.workplace import Workplace


def quality_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Make the profiles and what is expected of them."""
    quarters = quarters_of(catalogue.organisation)
    expectations_key = dg.AssetKey(["quality", "expectations"])

    @dg.asset(
        key=dg.AssetKey(["quality", "profiles"]),
        deps=[dg.AssetKey(["records", name]) for name in DATASETS],
        partitions_def=quarters,
        group_name="quality",
        kinds={"polars", "sql"},
        owners=[team(catalogue)],
        tags=tags_of("quality"),
        description="Rows, gaps, category shares and sums of every dataset, in the owner-only database.",
        code_version=described(__name__),
    )
    @stops_in_words
    def profiles(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.profiling import keep_profiles

        yield dg.MaterializeResult(
            metadata={"datasets profiled": keep_profiles(workplace, quarter_of(context))}
        )

    @dg.asset(
        key=expectations_key,
        deps=[dg.AssetKey(["quality", "profiles"])],
        partitions_def=quarters,
        group_name="quality",
        kinds={"greatexpectations"},
        owners=[team(catalogue)],
        tags=tags_of("quality"),
        description="What the catalogue expects of the profiles, as warnings in words here and in the report.",
        code_version=described(__name__),
        check_specs=[
            dg.AssetCheckSpec(
                "extracts_look_as_expected", asset=expectations_key, partitions_def=quarters,
                description="Volumes, shares and headcounts agree with earlier quarters and with each other.",
            )
        ],
    )  # fmt: skip
    @stops_in_words
    def expectations(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.profiling import keep_findings, unseen

        quarter = quarter_of(context)
        entry = keep_findings(workplace, quarter)
        warnings = [each["sentence"] for each in entry.facts["findings"] if not each["ok"]]
        warnings += [
            f"{title}: {state}, so nothing is known of it" for title, state in unseen(workplace, quarter)
        ]
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(entry.version),
            metadata={
                "expectations": len(entry.facts["findings"]),
                "warnings": dg.MetadataValue.md("\n".join(f"- {each}" for each in warnings) or "none"),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="extracts_look_as_expected",
                    passed=not warnings,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"in words": "; ".join(warnings) or "as expected"},
                )
            ],
        )

    return [profiles, expectations]
