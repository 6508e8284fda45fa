"""Protecting: counts after an audience's policy, attacked, and hidden further until the attacker finds nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from assets.auditing import SECONDS, audit_told
from assets.counting import Counted, frame_of, people_counted, policy_of, theme_entries
from assets.readers import told_before, told_to_more
from assets.witnessing import Say, aid_of
from disparity.catalogue.policies import NoProtection
from disparity.counts.cells import CELLS
from disparity.disclosure import protect, told_this_quarter
from disparity.disclosure.attacker import Aid, Contradiction
from disparity.disclosure.audit import to_be_hidden
from disparity.disclosure.ledger import together
from disparity.disclosure.released_counts import Before
from disparity.disclosure.rounds import protect_in_rounds
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import People
from resources.lake import Entry
from resources.workplace import Workplace


def protect_themes(
    workplace: Workplace, audience: str, quarter: Quarter, say: Say = lambda _: None
) -> dict[str, Entry]:
    """Put the counts of all themes through the audience's policy together and keep them by theme.

    Together, because the same people are counted under several themes: what one shows could give away what another hides.
    """
    held = theme_entries(workplace, "counts", quarter)
    counts = frame_of(workplace, "counts", quarter)
    people = people_counted(workplace, counts, quarter)
    protected = _protected(workplace, audience, quarter, counts, people, say)
    kept = {}
    for theme, entry in held.items():
        of_theme = [name for name, each in workplace.catalogue.indicators.items() if each.theme == theme]
        rows = protected.filter(pl.col("indicator").is_in(of_theme))
        facts = {"counts_version": entry.version, "cells_hidden": _hidden(rows)}
        kept[theme] = workplace.lake.put(
            f"{audience}/protected/{theme}", quarter, facts, {"protected.parquet": rows}
        )
    return kept


def _protected(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    counts: pl.DataFrame,
    counted: Counted,
    say: Say,
) -> pl.DataFrame:
    """Return the counts after the audience's policy, attacked with all else that its readers have."""
    policy, indicators = policy_of(workplace, audience), workplace.catalogue.indicators
    people = counted.people
    told = told_this_quarter(counts, policy, indicators, quarter)
    if isinstance(policy, NoProtection):
        return protect(told, policy, people)
    readers = told_before(audience, quarter, counts, counted)
    also_read = told_to_more(workplace, audience, quarter, people)

    def intruder(told_now: Mapping[People, Before]) -> set[People]:
        aid = aid_of(workplace, audience, quarter, counts, counted, say)
        return _further(workplace, audience, quarter, told_now, also_read, readers, counted.naming, aid)

    return protect_in_rounds(told, policy, people, indicators, readers, also_read, intruder)


def _further(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    told: Mapping[People, Before],
    also_read: Mapping[People, Before],
    readers: Sequence[Mapping[People, Before]],
    naming: Naming,
    aid: Aid,
) -> set[People]:
    """Return of whom not even the size may be shown so that nobody whom the attacker finds is found."""
    try:
        found = audit_told(
            workplace, audience, quarter, together(also_read, told), readers, SECONDS, naming, aid
        )
    except Contradiction:
        # The release says so, where somebody can do something about it.
        return set()
    if not found.exposed:
        return set()
    policy = workplace.policy(audience)
    chosen = [
        to_be_hidden(found, told, together(known, also_read), policy, SECONDS, aid) for known in readers
    ]
    return {each for of_reader in chosen for each in of_reader}


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == HIDDEN).sum()) for cell in CELLS)
