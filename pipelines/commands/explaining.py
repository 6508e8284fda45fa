"""How a number came about, for an analyst: predicate, window, extracts, rows in and out, counts, policy and formula."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assets.counting import records_held
from assets.states import RECEIVED
from disparity.catalogue.given import broken_down
from disparity.catalogue.indicators import ALL, Indicator
from disparity.counts.base_accounts import accounts_of
from disparity.counts.cells import CELLS
from disparity.datasets import DATASETS
from disparity.estimates import method_of
from disparity.periods import Quarter, words_of_span
from disparity.predicates import nearest
from disparity.refusal import refuse
from disparity.rounding import written
from resources.settings import Settings
from resources.workplace import Workplace

_FORMULA = {
    "proportion": "value = 100 x events / base; intervals by Miettinen and Nurminen's score method, p from the same score",
    "rate": "value = events / (sum of the quarterly staff lists / 4) x 100; ratio by the exact conditional method",
    "mean": "value = sum / base; difference by Welch, ratio by Fieller",
    "share of a sum": "value = 100 x the group's sum / the whole sum, beside its share of staff; no test",
}


def explanation(settings: Settings, name: str, quarter: Quarter) -> str:
    """Explain one indicator of one quarter. Raises Refusal when there is no such indicator or it was not counted."""
    workplace = Workplace(settings)
    indicators = workplace.catalogue.indicators
    if name not in indicators:
        raise refuse(
            f"no indicator {name!r}{nearest(name, indicators)}", where="explain", rule="it stands in indicators.yaml",
            do="name one of them",
        )  # fmt: skip
    indicator = indicators[name]
    # Nothing is made where nothing was run.
    there = settings.storage.exists()
    counted = workplace.lake.get(f"counts/{indicator.theme}", quarter) if there else None
    if counted is None:
        raise refuse(
            f"nothing was counted for {quarter.words}", where="explain", rule="a number is explained once it was counted",
            do=f"race-equality run --quarter {quarter.key}",
        )  # fmt: skip
    counts = counted.scan("counts").filter(pl.col("indicator") == name).collect()
    lines = [
        f"{indicator.title} ({name})",
        f"  {indicator.question}",
        "  Exact counts: for named analysts, not for circulation.",
        "",
        *_definition(indicator, quarter),
        "",
        *_extracts(workplace, indicator, quarter),
        "",
        *_accounts(workplace, name, quarter, counts),
        "",
        *_counts(counts),
        "",
        *_policies(workplace, indicator),
    ]
    return "\n".join(lines)


def _definition(indicator: Indicator, quarter: Quarter) -> Iterator[str]:
    window = quarter.window(indicator.quarters)
    yield "What is counted"
    yield f"  kind: {indicator.kind}; dataset: {indicator.dataset}"
    for key in ("base", "event", "part", "value", "window_by"):
        if (stated := getattr(indicator, key, None)) is not None:
            yield f"  {key}: {stated}"
    yield f"  window: {words_of_span(window[0].start, window[-1].end)} ({indicator.quarters} quarters)"
    yield f"  formula: {_FORMULA[method_of(indicator)]}"
    yield f"  ratio: {indicator.ratio_of}; margin {indicator.margin[0]:g} to {indicator.margin[1]:g}"


def _extracts(workplace: Workplace, indicator: Indicator, quarter: Quarter) -> Iterator[str]:
    yield "Extracts and rows"
    for dataset in dict.fromkeys((indicator.dataset, *broken_down(indicator))):
        for each in quarter.window(indicator.quarters):
            records, received = (
                workplace.lake.get(f"{stage}/{dataset}", each) for stage in ("records", "received")
            )
            if records is None or received is None:
                yield f"  {dataset}, {each.words}: not run"
                continue
            if records.facts["state"] != RECEIVED:
                yield f"  {dataset}, {each.words}: {records.facts['state']}: {records.facts['words']}"
            for file in received.facts.get("files", []):
                yield f"  {dataset}, {each.words}: {file['name']} (sha256 {file['sha256'][:16]})"
            if "rows_received" in records.facts:
                facts = records.facts
                yield (
                    f"    rows in {facts['rows_received']:,}, accepted {facts['rows_accepted']:,}, "
                    f"rejected {facts['rows_rejected']:,}, left out by the source {received.facts['rows_left_out']:,}"
                )
            if (
                DATASETS[dataset].may_take_ethnicity_of_staff
                and "ethnicity_taken_from_staff" in records.facts
            ):
                yield f"    ethnicity taken from staff in post: {records.facts['ethnicity_taken_from_staff']:,}"
            for rule in records.facts.get("rejected_by_rule", []):
                yield f"    rejected: {rule['column']}: {rule['rule']}: {rule['rows']:,}"


def _accounts(workplace: Workplace, name: str, quarter: Quarter, counts: pl.DataFrame) -> Iterator[str]:
    """Say of the accepted rows of the window how many are in the base, and why the others are outside it."""
    yield "Accepted rows of the window, in the base and outside it"
    if counts["missing"].str.len_chars().max():
        yield "  not counted"
        return
    indicator = workplace.catalogue.indicators[name]
    records = records_held(workplace, quarter, indicator.quarters)
    for account in accounts_of(indicator, workplace.predicates[name], records, quarter):
        yield f"  {account.dataset}: {sum(account.rows.values()):,}"
        for reason, rows in account.rows.items():
            yield f"    {reason}: {rows:,}"


def _counts(counts: pl.DataFrame) -> Iterator[str]:
    yield "Counts, whole organisation"
    for row in counts.filter(pl.col("breakdown") == ALL).iter_rows(named=True):
        if row["missing"]:
            yield f"  not counted: {row['missing']}"
            return
        for cell in CELLS:
            if row[cell] is not None:
                yield f"  {cell.replace('_', ' ')}: {row[cell]:,}"
        for total in ("reference_total", "group_total"):
            if row[total]:
                yield f"  {total.replace('_', ' ')}: {written(row[total], 2, thousands=True)}"
        yield f"  did not answer, or not recorded: {row['unanswered'] or 0:,}"
    breakdowns = counts.filter(pl.col("breakdown") != ALL).group_by("breakdown", maintain_order=True).len()
    for breakdown, levels in breakdowns.iter_rows():
        yield f"  also by {breakdown}: {levels} levels"


def _policies(workplace: Workplace, indicator: Indicator) -> Iterator[str]:
    yield "What is shown of it"
    for audience, name in workplace.catalogue.organisation.audiences.items():
        policy = workplace.catalogue.policies[name]
        yield f"  {audience}: {name}: {policy.title}"
    yield f"  sensitivity: {indicator.sensitivity}"
    if indicator.needs_agreement is not None:
        agreement = workplace.catalogue.organisation.agreements.get(indicator.needs_agreement)
        agreed = agreement.agreed_on if agreement else None
        yield f"  needs the agreement of {indicator.needs_agreement}: {agreed or 'not recorded, so it is withheld'}"
