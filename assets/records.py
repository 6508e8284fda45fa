"""Records: typed rows that pass their dataset's contract, and beside them every rejected row with its column and rule."""

from collections.abc import Iterator

import dagster as dg

from assets.column_schemas import schema_of_records
from assets.naming import described, tags_of, team
from assets.partitions import over_window, quarter_of, quarters_of
from assets.stopping import stops_in_words
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS, Dataset
from resources.workplace import Workplace


def checks_of(dataset: Dataset) -> dict[str, str]:
    """Return the checks of a dataset's records, and what each holds them to."""
    checks = {
        "every_row_accounted_for": "Rows received are rows accepted plus rows rejected.",
        "rejects_within_the_limit": "The share of rejected rows is within the catalogue's limit.",
        "ethnicity_known_for_most_staff": "Ethnicity is known for at least the catalogue's share of rows.",
        "numbers_keep_their_zeros": "No two numbers of an extract differ by zeros in front of them alone.",
    }
    if dataset.is_of_staff:
        checks["everyone_was_in_post"] = (
            "Each person stands in this quarter's or the last quarter's staff in post."
        )
    return checks


def _upstream(dataset: Dataset) -> list[dg.AssetDep]:
    deps = [dg.AssetDep(dg.AssetKey(["received", dataset.name]))]
    if dataset.is_of_staff:
        deps.append(dg.AssetDep(dg.AssetKey(["records", "staff_in_post"]), partition_mapping=over_window(2)))
    return deps


def records_asset(dataset: Dataset, catalogue: Catalogue) -> dg.AssetsDefinition:
    """Make the asset that keeps one dataset's records."""
    key = dg.AssetKey(["records", dataset.name])
    quarters = quarters_of(catalogue.organisation)

    @dg.asset(
        key=key,
        deps=_upstream(dataset),
        partitions_def=quarters,
        group_name="records",
        kinds={"polars", "pandera"},
        owners=[team(catalogue)],
        tags=tags_of("records"),
        metadata={"dagster/column_schema": schema_of_records(dataset, catalogue)},
        description=f"{dataset.title}: typed rows that pass the dataset's contract, and rejected rows with their rule.",
        code_version=described(__name__),
        check_specs=[
            dg.AssetCheckSpec(name, asset=key, partitions_def=quarters, description=words)
            for name, words in checks_of(dataset).items()
        ],
    )
    @stops_in_words
    def records(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[dg.MaterializeResult[None]]:
        from assets.lacking import state_in_words
        from assets.recording import keep_records, later_windows, rejected_by_rule, verdicts
        from assets.runs import note_extract, note_run
        from disparity.disclosure import shown_count

        quarter = quarter_of(context)
        note_run(context, workplace)
        entry = keep_records(workplace, dataset, quarter)
        note_extract(
            workplace, dataset.name, quarter, workplace.lake.get(f"received/{dataset.name}", quarter), entry
        )
        facts, policy = entry.facts, workplace.policy("restricted")
        judged = verdicts(workplace, dataset, facts)
        for passed, words in judged.values():
            if not passed and "rows_received" in facts:
                context.log.warning(f"{dataset.title} of {quarter.words}: {words}")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(entry.version),
            metadata={
                "state": facts["state"],
                "in words": state_in_words(workplace, dataset.name, quarter, facts),
                "rows accepted": shown_count(facts.get("rows_accepted", 0), policy),
                "rows rejected": shown_count(facts.get("rows_rejected", 0), policy),
                "rejected by rule": dg.MetadataValue.md(rejected_by_rule(workplace, facts)),
                "later quarters to rebuild if this one was restated": later_windows(workplace, quarter)
                or "none",
                "ethnicity taken from staff in post": shown_count(
                    facts.get("ethnicity_taken_from_staff", 0), policy
                ),
            },
            check_results=[_result(name, *judged[name]) for name in checks_of(dataset)],
        )

    return records


def _result(name: str, passed: bool | None, words: str) -> dg.AssetCheckResult:
    """Make a check's result. One that could not be made is a warning: not known is not passed."""
    wrong = passed is False and name == "every_row_accounted_for"
    severity = dg.AssetCheckSeverity.ERROR if wrong else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=name, passed=passed is True, severity=severity, metadata={"in words": words}
    )


def records_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Make one asset per dataset."""
    return [records_asset(dataset, catalogue) for dataset in DATASETS.values()]
