"""What the results database keeps of every run and of every extract it read."""

import datetime as dt

import dagster as dg

from assets.naming import code_version
from assets.partitions import quarter_of
from disparity.disclosure import shown_count
from disparity.periods import Quarter
from resources.databases import ExtractState, record_run, save_extract_state
from resources.lake import Entry
from resources.workplace import Workplace


def note_run(context: dg.AssetExecutionContext, workplace: Workplace) -> None:
    """Record the run that is going on, once."""
    record_run(
        workplace.results,
        context.run.run_id,
        quarter_of(context),
        code_version=code_version(),
        catalogue_hash=workplace.method_sha256,
        what=context.run.job_name,
        started_at=dt.datetime.now(dt.UTC),
    )


def note_extract(
    workplace: Workplace, dataset: str, quarter: Quarter, received: Entry | None, records: Entry
) -> None:
    """Record the files of an extract by hash, and what became of their rows, as far as it may be shown."""
    policy = workplace.policy("restricted")
    rows = [shown_count(records.facts.get(name, 0), policy) for name in ("rows_accepted", "rows_rejected")]
    files = (received.facts.get("files") if received else None) or [{"name": "", "sha256": ""}]
    state, words = records.facts["state"], records.facts["words"]
    save_extract_state(
        workplace.results, dataset, quarter,
        [ExtractState(file["name"], file["sha256"], rows[0], rows[1], state, words) for file in files],
    )  # fmt: skip
