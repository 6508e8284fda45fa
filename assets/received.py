"""Received: each dataset's extract as it came, allow-listed columns as text, identifiers replaced by pseudonyms."""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from assets.naming import described, tags_of, team
from assets.partitions import quarter_of, quarters_of
from assets.states import NOT_RECEIVED, RECEIVED
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS, Dataset
from resources.workplace import Workplace


def received_asset(dataset: Dataset, catalogue: Catalogue) -> dg.AssetsDefinition:
    """Make the asset that takes one dataset's extract in."""
    key = dg.AssetKey(["received", dataset.name])
    quarters = quarters_of(catalogue.organisation)
    required = dataset.name in catalogue.organisation.required_datasets

    @dg.asset(
        key=key,
        partitions_def=quarters,
        group_name="received",
        kinds={"polars", "parquet"},
        owners=[team(catalogue)],
        tags=tags_of("received"),
        description=f"{dataset.description} As it came: allow-listed columns as text, identifiers as pseudonyms.",
        code_version=described(__name__),
        check_specs=[
            dg.AssetCheckSpec(
                "extract_can_be_used", asset=key, partitions_def=quarters,
                description="The extract was found and is whole. A refusal is worded here and holds up the release alone.",
            )
        ],
    )  # fmt: skip
    @stops_in_words
    def received(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.lacking import state_in_words
        from assets.receiving import receive
        from disparity.disclosure import shown_count
        from resources.left_out import in_short

        quarter = quarter_of(context)
        entry = receive(workplace, dataset, quarter)
        facts = entry.facts
        words = state_in_words(workplace, dataset.name, quarter, facts)
        policy = workplace.policy("restricted")
        usable = facts["state"] == RECEIVED or (facts["state"] == NOT_RECEIVED and not required)
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(entry.version),
            metadata={
                "state": facts["state"],
                "in words": words,
                "rows": shown_count(facts.get("rows", 0), policy),
                "rows left out by the source's own rules": shown_count(facts.get("rows_left_out", 0), policy),
                "left out by": in_short(facts, partial(shown_count, policy=policy)),
                "headings left behind": facts.get("headings_left_behind", 0),
                "files": dg.MetadataValue.json(
                    [{"name": file["name"], "sha256": file["sha256"]} for file in facts.get("files", [])]
                ),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="extract_can_be_used",
                    passed=usable,
                    severity=dg.AssetCheckSeverity.ERROR if required else dg.AssetCheckSeverity.WARN,
                    metadata={"state": facts["state"], "in words": words},
                )
            ],
        )

    return received


def received_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Make one asset per dataset."""
    return [received_asset(dataset, catalogue) for dataset in DATASETS.values()]
