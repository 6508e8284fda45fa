"""The figures in docs/policies.md: what each disclosure policy tells of the same invented counts.

`make policies` fills the document's computed blocks; the words around are written by hand. Tests keep it current.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import polars as pl

from assets.counting import count_theme, frame_of, people_counted, records_held
from assets.partitions import longest_window
from assets.receiving import receive
from assets.recording import keep_records
from disparity.catalogue import Catalogue, Indicator, Policy, themes_of
from disparity.catalogue.indicators import ALL, Share
from disparity.catalogue.policies import NoProtection
from disparity.counts.cells import CELLS, COUNTS
from disparity.datasets import DATASETS
from disparity.disclosure import protect, told_this_quarter
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.audit import Audit, audit
from disparity.disclosure.ledger import told_in
from disparity.disclosure.released_counts import BEYOND
from disparity.estimates import estimate
from disparity.markers import ABSENT, HIDDEN
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from disparity.populations.people import People
from disparity.rounding import written
from disparity.rows import Estimate
from pipelines.commands.demonstration import LAST, QUARTERS
from pipelines.documents.method_figures import filled
from pipelines.sample import write_sample
from pipelines.sample.profiles import ProfileName
from reports.release.estimates import rows_of, unit_of
from reports.wording.numbers import interval
from reports.wording.sentences import expected_at_the_others_rate
from resources.catalogue import DEFAULT, load_catalogue
from resources.settings import Settings
from resources.workplace import Workplace

POLICIES_PAGE = "policies.md"
UNPROTECTED = "none"
REPORTED = Quarter.from_key("2026-01-01")
"""The quarter that ends a financial year, with which the policies that tell once a year do."""
SECONDS = 900.0
"""How long one attack may take; what is neither proved nor refuted by then is said to be unproved."""

_TRUST_STAFF, _BODY_STAFF = 3000, 120
_APPOINTED = "appointed_from_shortlisting"
# White and ethnic minority candidates a year and the 40 of them who were appointed, in the order of CELLS.
_DISPARITY = (140, 32, 60, 8)
_PARITY = (140, 28, 60, 12)

_ATTACK = ("an attacker with that report alone", "counts hidden", "proved safe", "exposed", "not proved")
_NOT_ATTACKED = "not settled: sums he would use contradict each other"
_MEMBERSHIP_BODY = Path(__file__).parents[2] / "catalogue_examples" / "membership_body"
_KEYS = ["indicator", "breakdown", "level"]
_NAMED_THEMES = ("workforce", "recruitment")

AnyPolicy: TypeAlias = Policy | NoProtection
Row: TypeAlias = tuple[str, ...]
Fate = TypeVar("Fate", bound=StrEnum)


class CellTold(StrEnum):
    """What becomes of one count of people under a policy."""

    SHOWN = "shown"
    SMALL = "hidden as small"
    FOR_ANOTHER = "hidden for another's sake"
    NOT_TOLD = "not told"


class Comparison(StrEnum):
    """What a report says of one comparison: of several the first that is true."""

    VALUE = "value"
    BOUND = "bound in words"
    INTERVAL = "interval alone"
    NOTHING = "nothing"


class Counted(NamedTuple):
    """The counts of an organisation's quarter before any policy, and whom its cells count."""

    catalogue: Catalogue
    counts: pl.DataFrame
    people: Mapping[str, Mapping[str, People]]


class Told(NamedTuple):
    """The same counts after a policy, and the estimates made of them."""

    protected: pl.DataFrame
    rows: Sequence[Estimate]


def policies() -> dict[str, AnyPolicy]:
    """Return the policies of the catalogue that comes with the software, by name, and that of the analyst last."""
    return {**load_catalogue(DEFAULT).policies, UNPROTECTED: NoProtection()}


# ------------------------------------------------------------------ what a policy tells


def told_by_policy(counted: Counted, policy: AnyPolicy) -> Told:
    """Put counts through a policy as the first report of an organisation, and estimate from what is left."""
    catalogue, counts, people = counted
    indicators = catalogue.indicators
    told = told_this_quarter(counts, policy, indicators, REPORTED)
    protected = protect(told, policy, people, indicators=indicators)
    estimates = estimate(
        protected.to_pandas(),
        catalogue,
        REPORTED,
        percent_decimals=policy.percent_decimals,
        least_base=policy.least_base,
        released=isinstance(policy, Policy),
    )
    return Told(protected, rows_of(estimates))


def attacked(counted: Counted, told: Told, policy: Policy) -> Audit:
    """Set an attacker on one report who was told nothing before."""
    return audit(told_in(told.protected, counted.people), {}, policy, SECONDS)


def cells_told(counts: pl.DataFrame, protected: pl.DataFrame) -> Counter[CellTold]:
    """Tally what became of every cell that was counted."""
    beside = counts.select(*_KEYS, *CELLS).join(protected, on=_KEYS, how="left")
    tally: Counter[CellTold] = Counter()
    for cell in CELLS:
        status, high = pl.col(f"{cell}_status").fill_null(ABSENT), pl.col(f"{cell}_high")
        fate = (
            pl.when(status == ABSENT)
            .then(pl.lit(CellTold.NOT_TOLD.value))
            .when(status != HIDDEN)
            .then(pl.lit(CellTold.SHOWN.value))
            .when(high < BEYOND)
            .then(pl.lit(CellTold.SMALL.value))
            .otherwise(pl.lit(CellTold.FOR_ANOTHER.value))
        )
        tally.update(map(CellTold, beside.filter(pl.col(cell).is_not_null()).select(fate).to_series()))
    return tally


def comparison_told(row: Estimate, indicator: Indicator, policy: AnyPolicy) -> Comparison:
    """Return what is said of a comparison, or of a share that is described and compared with nothing."""
    described = not row.reference_group and row.group_value is not None
    if not row.status and (described or row.ratio is not None or row.difference is not None):
        return Comparison.VALUE
    if isinstance(policy, Policy) and _expected_beyond(row, indicator, policy) is not None:
        return Comparison.BOUND
    says_something = (row.ratio_low or 0) > 0 or math.isfinite(row.ratio_high or math.inf)
    return Comparison.INTERVAL if says_something else Comparison.NOTHING


def comparisons_told(exact: Told, told: Told, catalogue: Catalogue, policy: AnyPolicy) -> Counter[Comparison]:
    """Tally what is said of every comparison that the exact counts have a value of."""
    said = {_key(row): row for row in told.rows}
    tally: Counter[Comparison] = Counter()
    for row in exact.rows:
        if row.reference_group and (row.ratio is not None or row.difference is not None):
            now = said.get(_key(row))
            of_indicator = catalogue.indicators[row.indicator]
            tally[comparison_told(now, of_indicator, policy) if now else Comparison.NOTHING] += 1
    return tally


def _key(row: Estimate) -> tuple[str, str, str]:
    return row.indicator, row.breakdown, row.level


def _expected_beyond(row: Estimate, indicator: Indicator, policy: Policy) -> float | None:
    """Return the events at the other group's rate where a hidden count is surely below them; only of chances is it said."""
    expected = expected_at_the_others_rate(row)
    of_chance = unit_of(indicator) == "percent" and not isinstance(indicator, Share)
    enough = of_chance and expected is not None and expected >= policy.greatest_threshold
    return expected if enough else None


def _in_words(row: Estimate, indicator: Indicator, policy: AnyPolicy) -> str:
    """Write what is said of a comparison into one cell of a table."""
    limits = interval(row.ratio_low, row.ratio_high)
    match comparison_told(row, indicator, policy):
        case Comparison.VALUE if row.ratio is not None:
            return f"{written(row.ratio, 2)} ({limits})"
        case Comparison.VALUE if row.reference_group:
            return f"{written(row.difference, policy.percent_decimals)} points apart"
        case Comparison.VALUE:
            return f"{written(row.group_value, policy.percent_decimals)}%"
        case Comparison.BOUND if isinstance(policy, Policy):
            few = f"fewer than {policy.greatest_threshold} of {written(row.group_base)}"
            expected = _expected_beyond(row, indicator, policy)
            return f"{row.status} {few}, equal chances would give {written(expected)}; {limits}"
        case Comparison.INTERVAL:
            return f"{row.status} {limits}".strip()
        case _:
            return row.status or ABSENT


# ------------------------------------------------------------------ two invented organisations


def sample_counted(catalogue: Path, profile: ProfileName, staff: int, out: Path) -> Counted:
    """Count the quarter of an invented organisation from its extracts, written and read below ``out``."""
    settings = Settings.from_environment(
        {}, catalogue=catalogue, landing=out / "landing", storage=out / "storage"
    )
    write_sample(settings.landing, quarters=QUARTERS, staff=staff, last_quarter=LAST, profile=profile)
    workplace = Workplace(settings)
    window = longest_window(workplace.catalogue)
    for quarter in REPORTED.window(window):
        for dataset in DATASETS.values():
            receive(workplace, dataset, quarter)
            keep_records(workplace, dataset, quarter)
    records = records_held(workplace, REPORTED, window)
    for theme in themes_of(workplace.catalogue):
        count_theme(workplace, theme, records, REPORTED)
    counts = frame_of(workplace, "counts", REPORTED)
    return Counted(workplace.catalogue, counts, people_counted(workplace, counts, REPORTED).people)


def _cells_told_block(trust: Counted) -> str:
    """Say what every policy tells of the cells and comparisons of the sample trust, and what an attacker makes of it."""
    exact = told_by_policy(trust, NoProtection())
    whole = Told(exact.protected, [row for row in exact.rows if row.breakdown == ALL])
    cells, comparisons, wholes, attacks = [], [], [], []
    for name, policy in policies().items():
        told = told_by_policy(trust, policy)
        cells.append((name, cells_told(trust.counts, told.protected)))
        comparisons.append((name, comparisons_told(exact, told, trust.catalogue, policy)))
        wholes.append((name, comparisons_told(whole, told, trust.catalogue, policy)))
        attacks.append((f"`{name}`", *_attack(trust, told, policy)))
    return "\n".join(
        (
            _shares(f"{cells[0][1].total():,} counts of people", CellTold, cells),
            _shares(f"{comparisons[0][1].total():,} comparisons", Comparison, comparisons),
            _shares(f"{wholes[0][1].total():,} of them, of the whole trust", Comparison, wholes),
            _table(_ATTACK, attacks),
        )
    )


def _attack(counted: Counted, told: Told, policy: AnyPolicy) -> Row:
    """Set an attacker on one report and write what he found."""
    if not isinstance(policy, Policy):
        return "0", "", "", ""
    try:
        found = attacked(counted, told, policy)
    except Contradiction:
        hidden = sum(each.hidden for each in told_in(told.protected, counted.people).values())
        return f"{hidden}", _NOT_ATTACKED, "", ""
    return f"{found.hidden}", f"{found.safe}", f"{len(found.exposed)}", f"{len(found.unproved)}"


def _membership_body_block(body: Counted) -> str:
    """Say of the headlines of the membership body, of its workforce shares and recruitment ratios what is told."""
    indicators = body.catalogue.indicators
    tallies, attacks, said = [], [], {}
    for name, policy in policies().items():
        told = told_by_policy(body, policy)
        whole = {row.indicator: row for row in told.rows if row.breakdown == ALL}
        headlines = Counter(
            comparison_told(whole[each], indicator, policy)
            for each, indicator in indicators.items()
            if indicator.headline
        )
        tallies.append((f"`{name}`", *(f"{headlines[each]}" for each in Comparison)))
        attacks.append((f"`{name}`", *_attack(body, told, policy)))
        said[f"`{name}`"] = {each: _in_words(row, indicators[each], policy) for each, row in whole.items()}
    named = [
        (indicator.title, "yes" if indicator.headline else "", *(words[each] for words in said.values()))
        for each, indicator in indicators.items()
        if indicator.headline or indicator.theme in _NAMED_THEMES
    ]
    return "\n".join(
        (
            _table(("headline figures", *Comparison), tallies),
            _table(_ATTACK, attacks),
            _table(("whole organisation", "headline", *said), named),
        )
    )


# ------------------------------------------------------------------ parity against 1.7


def parity_block() -> str:
    """Say what every policy tells of one comparison that is constructed, where the truth is 1.71 and where it is parity."""
    catalogue = load_catalogue(DEFAULT)
    rows = [
        (
            f"`{name}`",
            words,
            *(_constructed_told(catalogue, policy, years, each) for each in (_DISPARITY, _PARITY)),
        )
        for name, policy in policies().items()
        for years, words in ((1, "one year"), (2, "two years"))
    ]
    return _table(("policy", "over", "the truth is 1.71", "the truth is 1.00"), rows)


def _constructed_told(catalogue: Catalogue, policy: AnyPolicy, years: int, a_year: Sequence[int]) -> str:
    indicator = catalogue.indicators[_APPOINTED].model_copy(update={"quarters": 4 * years})
    alone = catalogue.model_copy(update={"indicators": {_APPOINTED: indicator}})
    cells = dict(zip(CELLS, (*(years * count for count in a_year), 0, 0), strict=True))
    named = {"indicator": _APPOINTED, "breakdown": ALL, "level": ALL, "unit": "", "of": "", "missing": ""}
    counts = pl.DataFrame([{**named, **cells, "as_of": REPORTED.key}], schema=COUNTS)
    people = people_of_all(alone, REPORTED, {_APPOINTED: REPORTED.key})
    (row,) = told_by_policy(Counted(alone, counts, people), policy).rows
    said = _in_words(row, indicator, policy)
    sides = (
        (row.reference_events, row.reference_events_status, row.reference_base, row.reference_base_status),
        (row.group_events, row.group_events_status, row.group_base, row.group_base_status),
    )
    if row.status.startswith(ABSENT):
        return said
    shown = ", ".join(f"{_count(*side[:2])} of {_count(*side[2:])}" for side in sides)
    return f"{shown}: {said}"


def _count(shown: float | None, status: str) -> str:
    return status if shown is None else written(shown)


# ------------------------------------------------------------------ the document


def sample_blocks(out: Path) -> dict[str, str]:
    """Compute the blocks that stand on invented extracts, which are written below ``out``."""
    trust = sample_counted(DEFAULT, "trust", _TRUST_STAFF, out / "trust")
    body = sample_counted(_MEMBERSHIP_BODY, "membership_body", _BODY_STAFF, out / "membership_body")
    return {"cells_told": _cells_told_block(trust), "membership_body": _membership_body_block(body)}


def _shares(of: str, every: type[Fate], tallies: Sequence[tuple[str, Counter[Fate]]]) -> str:
    """Return a table of the shares of each policy's tally."""
    rows = [
        (f"`{name}`", *(_percent(tally[each], tally.total()) for each in every)) for name, tally in tallies
    ]
    return _table((of, *every), rows)


def _percent(part: int, whole: int) -> str:
    """Write a share in percent; one that is neither nought nor all never rounds to it."""
    share = 100 * part / whole
    if 0 < share < 0.5:
        return "less than 1%"
    return "more than 99%" if 99.5 <= share < 100 else f"{written(share)}%"


def _table(head: Row, rows: Sequence[Row]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(docs: Path) -> None:
    """Write the computed blocks below ``docs``."""
    with tempfile.TemporaryDirectory() as folder:
        blocks = {**sample_blocks(Path(folder)), "parity": parity_block()}
    page = docs / POLICIES_PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).parents[2] / "docs")
