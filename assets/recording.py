"""Recording: received text is judged in batches, and accepted and rejected rows are kept apart."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from assets.partitions import longest_window
from assets.receiving import as_kept
from assets.records import checks_of
from assets.staff_numbers import NotInPost, not_in_post, words_of_strangers, words_of_zeros
from assets.states import NOT_RECEIVED, RECEIVED, REFUSED
from disparity.catalogue import Policy, themes_of
from disparity.datasets import Dataset
from disparity.datasets.identifiers import apart_by_zeros
from disparity.datasets.records import (
    ROW,
    RecordContract,
    refusal_words,
    repeated_keys,
    take_ethnicity_of_staff,
)
from disparity.disclosure import shown_count
from disparity.periods import Quarter, lag_of_change
from disparity.rounding import half_up
from resources.lake import Entry
from resources.withheld import words_withheld
from resources.workplace import Workplace

BATCH_ROWS = 100_000


@words_withheld("rows were judged")
def keep_records(workplace: Workplace, dataset: Dataset, quarter: Quarter) -> Entry:
    """Judge the received rows in batches and keep what passes. The extract as a whole may be refused for its rejects."""
    place = f"records/{dataset.name}"
    received = workplace.lake.get(f"received/{dataset.name}", quarter)
    before = workplace.lake.get_to_replace(place, quarter)
    last_good = before.facts.get("last_good") if before else None
    if received is None or received.facts["state"] != RECEIVED:
        held = received.facts if received else {"state": NOT_RECEIVED, "words": "no extract was found"}
        facts = {
            "state": held["state"],
            "words": held["words"],
            "last_good": held.get("last_good", last_good),
        }
        return workplace.lake.put(place, quarter, facts, {})
    contract = RecordContract(
        dataset,
        workplace.vocabulary,
        workplace.catalogue.ethnicity,
        workplace.catalogue.organisation.comparison,
        quarter,
    )
    with workplace.lake.aside() as lent:
        accepted, rejects, dated = _judge(received.scan("text"), contract, lent / "accepted.parquet")
        accepted = _with_ethnicity_of_staff(workplace, dataset, quarter, accepted)
        words = refusal_words(
            dataset,
            quarter,
            rejects,
            received=received.facts["rows"],
            dated=dated,
            limit_percent=workplace.catalogue.organisation.reject_limit_percent,
            of_files=workplace.catalogue.sources[dataset.name].format != "sql",
        )
        facts = {
            "state": REFUSED if words else RECEIVED,
            "words": words,
            "last_good": last_good if words else as_kept(received),
            **_facts(contract, received, pl.scan_parquet(accepted), rejects),
            "apart_by_zeros": apart_by_zeros(received.scan("text")),
            "not_in_post": not_in_post(workplace, quarter, pl.scan_parquet(accepted), received.scan("text"))
            if dataset.is_of_staff and not words
            else None,
        }
        return workplace.lake.put(
            place, quarter, facts, {"accepted.parquet": accepted, "rejected.parquet": rejects}
        )


def _judge(received: pl.LazyFrame, contract: RecordContract, path: Path) -> tuple[Path, pl.DataFrame, int]:
    """Write the accepted rows to ``path``; return it, the rejects and how many rows have a date."""
    repeated = repeated_keys(received, contract.dataset)
    rejects, dated, writer = [repeated], 0, None
    # An extract without rows has no batches, and its records are a table all the same.
    nothing = received.clear().collect()
    batches = received.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
    try:
        for batch in itertools.chain([nothing], batches):
            judged = contract.judge(batch)
            rejects.append(judged.rejects)
            dated += judged.dated
            kept = judged.accepted.join(repeated, on=ROW, how="anti", maintain_order="left").to_arrow()
            writer = writer or pq.ParquetWriter(path, kept.schema, compression="zstd")
            if kept.num_rows:
                writer.write_table(kept)
    finally:
        if writer is not None:
            writer.close()
    return path, pl.concat(rejects).sort(*ROW, "column", "rule"), dated


def _with_ethnicity_of_staff(
    workplace: Workplace, dataset: Dataset, quarter: Quarter, accepted: Path
) -> Path:
    if not dataset.may_take_ethnicity_of_staff:
        return accepted
    staff = workplace.lake.get("records/staff_in_post", quarter)
    if staff is None or staff.facts["state"] != RECEIVED:
        return accepted
    taken = accepted.with_name("with_ethnicity.parquet")
    take_ethnicity_of_staff(pl.scan_parquet(accepted), staff.scan("accepted")).sink_parquet(
        taken, compression="zstd"
    )
    return taken


def _facts(
    contract: RecordContract, received: Entry, accepted: pl.LazyFrame, rejects: pl.DataFrame
) -> dict[str, Any]:
    known = pl.col("ethnicity_answer") == "known"
    columns = accepted.collect_schema().names()
    summed = accepted.select(
        rows=pl.len(),
        known=known.sum(),
        taken=(pl.col("ethnicity_from") == "staff in post").sum()
        if "ethnicity_from" in columns
        else pl.lit(0),
        open=pl.col(contract.dataset.period_column).null_count()
        if contract.dataset.open_period
        else pl.lit(0),
    ).collect(engine="streaming")
    counted = summed.row(0, named=True)
    by_rule = rejects.group_by("column", "rule").len("rows").sort("column", "rule")
    return {
        "rows_received": received.facts["rows"],
        "rows_accepted": counted["rows"],
        "rows_rejected": rejects.select(ROW).n_unique(),
        "rejected_by_rule": by_rule.to_dicts(),
        "ethnicity_known_percent": float(half_up(100 * counted["known"] / counted["rows"], 1))
        if counted["rows"]
        else None,
        "ethnicity_taken_from_staff": counted["taken"],
        "still_open": counted["open"],
        "received_version": received.version,
    }


Verdict = tuple[bool | None, str]
"""Whether a check is passed, and its words; None where it could not be made, which is not passed."""


@words_withheld("records were looked over")
def verdicts(workplace: Workplace, dataset: Dataset, facts: Mapping[str, Any]) -> dict[str, Verdict]:
    """Return what each check of a dataset's records says."""
    if "rows_received" not in facts:
        return dict.fromkeys(checks_of(dataset), (None, f"not known: no row was judged; {facts['words']}"))
    sound = facts["rows_received"] == facts["rows_accepted"] + facts["rows_rejected"]
    limit = workplace.catalogue.organisation.ethnicity_known_percent
    policy = workplace.policy("restricted")
    apart = "; ".join(words_of_zeros(facts, dataset, policy))
    judged: dict[str, Verdict] = {
        "every_row_accounted_for": (sound, "the sums agree" if sound else "the sums do not agree"),
        "rejects_within_the_limit": (facts["state"] != REFUSED, facts["words"] or "within the limit"),
        "ethnicity_known_for_most_staff": _ethnicity_known(facts["ethnicity_known_percent"], limit),
        "numbers_keep_their_zeros": (not apart, apart or "no two numbers differ by zeros in front alone"),
    }
    if dataset.is_of_staff:
        judged["everyone_was_in_post"] = _in_post(facts, dataset, policy)
    return judged


def _ethnicity_known(known: float | None, limit: float) -> Verdict:
    if known is None:
        return None, "not known: there are no rows"
    # The share itself would give a few people's count away: 75% of rows shown as [c] are 3 of 4.
    part = "at least" if known >= limit else "less than"
    return known >= limit, f"known for {part} the expected {limit:g}% of rows"


def _in_post(facts: Mapping[str, Any], dataset: Dataset, policy: Policy) -> Verdict:
    """Judge whether the staff lists have everybody. With one list of two, who is not there may stand in the other."""
    found: NotInPost | None = facts["not_in_post"]
    if facts["state"] == REFUSED:
        return None, "not known: the extract was refused"
    if found is None:
        return None, "not known: there is no staff list of this quarter or the last"
    words = words_of_strangers(found, dataset, policy)
    if found["lists"] < 2 and found["rows"] and not found["found_with_zeros"]:
        return None, f"not known: {words}"
    return not found["rows"], words


def rejected_by_rule(workplace: Workplace, facts: Mapping[str, Any]) -> str:
    """Return the rejected rows by column and rule as a Markdown table, as far as they may be shown."""
    policy = workplace.policy("restricted")
    rows = [
        f"| {each['column']} | {each['rule']} | {shown_count(each['rows'], policy)} |"
        for each in facts.get("rejected_by_rule", [])
    ]
    return "\n".join(["| column | rule | rows |", "| --- | --- | --- |", *rows])


def later_windows(workplace: Workplace, quarter: Quarter) -> str:
    """Return the later quarters that were counted and rest on this one: they follow when it is restated.

    Their windows hold it, or the windows that their change is told from, a year or two before.
    """
    theme = themes_of(workplace.catalogue)[0]
    window = longest_window(workplace.catalogue)
    later = [quarter.plus(ahead) for ahead in range(1, window + lag_of_change(window))]
    return ", ".join(each.words for each in later if workplace.lake.holds(f"counts/{theme}", each))
