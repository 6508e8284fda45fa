"""Received: each dataset's extract as it came, allow-listed columns as text, identifiers replaced by pseudonyms."""

from collections.abc import Iterator
from dataclasses import asdict

import dagster as dg

from assets.naming import described, team
from assets.partitions import quarter_of, quarters_of
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS, Dataset
from disparity.disclosure import shown_count
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.lake import Entry
from resources.landing import read_extract
from resources.workplace import Workplace

RECEIVED = "received"
NOT_RECEIVED = "not received"
REFUSED = "refused"


def receive(workplace: Workplace, dataset: Dataset, quarter: Quarter) -> Entry:
    """Take one dataset's extract in. Whatever is wrong with it becomes a state and a sentence, never an error."""
    place = f"received/{dataset.name}"
    source = workplace.catalogue.sources.get(dataset.name)
    if source is None:
        return workplace.lake.put(place, quarter, {"state": NOT_RECEIVED, "words": "the catalogue names no source"}, {})
    with workplace.lake.aside() as lent:
        text = lent / "text.parquet"
        try:
            extract = read_extract(
                dataset, source, workplace.settings.catalogue, workplace.vocabulary, quarter,
                workplace.settings.landing, workplace.keys, text,
            )  # fmt: skip
        except Refusal as refusal:
            return workplace.lake.put(place, quarter, {"state": REFUSED, "words": str(refusal)}, {})
        if extract is None:
            return workplace.lake.put(place, quarter, {"state": NOT_RECEIVED, "words": "no extract was found"}, {})
        facts = {
            "state": RECEIVED,
            "words": "; ".join(note for file in extract.files for note in file.notes),
            "files": [asdict(file) for file in extract.files],
            "rows": extract.rows,
            "rows_left_out": extract.rows_left_out,
            "left_behind": list(extract.left_behind),
        }
        return workplace.lake.put(place, quarter, facts, {"text.parquet": text})


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
        description=f"{dataset.description} As it came: allow-listed columns as text, identifiers as pseudonyms.",
        code_version=described(receive, read_extract),
        check_specs=[
            dg.AssetCheckSpec(
                "extract_can_be_used", asset=key, partitions_def=quarters,
                description="The extract was found and is whole. A refusal is worded here and holds up the release alone.",
            )
        ],
    )  # fmt: skip
    def received(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        entry = receive(workplace, dataset, quarter_of(context))
        facts = entry.facts
        policy = workplace.policy("restricted")
        usable = facts["state"] == RECEIVED or (facts["state"] == NOT_RECEIVED and not required)
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(entry.version),
            metadata={
                "state": facts["state"],
                "in words": facts["words"] or "as expected",
                "rows": shown_count(facts.get("rows", 0), policy),
                "rows left out by the source's own rules": shown_count(facts.get("rows_left_out", 0), policy),
                "headings left behind": ", ".join(facts.get("left_behind", [])) or "none",
                "files": dg.MetadataValue.json(
                    [{"name": file["name"], "sha256": file["sha256"]} for file in facts.get("files", [])]
                ),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="extract_can_be_used",
                    passed=usable,
                    severity=dg.AssetCheckSeverity.ERROR if required else dg.AssetCheckSeverity.WARN,
                    metadata={"state": facts["state"], "in words": facts["words"] or "as expected"},
                )
            ],
        )

    return received


def received_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """Make one asset per dataset."""
    return [received_asset(dataset, catalogue) for dataset in DATASETS.values()]
