"""The audit as a command: an attacker is set on a report, and what he found is said in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assets.auditing import audit_release, folder_of
from assets.auditing_tables import audit_tables, folder_from_files, left_of_cell, tables_frozen, tables_in
from disparity.periods import Quarter
from pipelines.commands.running import Outcome, say
from reports.pages.audit import verdict, words_of_left
from resources.publisher import PAGE
from resources.settings import Settings
from resources.workplace import Workplace

_FOR_WHOM = "For whoever answers for information governance"


def audit_quarter(settings: Settings, quarter: Quarter, audience: str, seconds: float) -> Outcome:
    """Audit one audience's report of a quarter. Raises Refusal where there is none."""
    workplace = Workplace(settings)
    workplace.open_stores()
    found = audit_release(workplace, audience, quarter, seconds, say)
    page = folder_of(workplace, audience, quarter) / PAGE
    said = f"The {audience} report of {quarter.words}, with all that its readers were told before: {verdict(found)}."
    return Outcome(found.passed, f"{said}\n{_FOR_WHOM}: {page}")


def audit_files(
    settings: Settings, quarter: Quarter, audience: str, folders: Sequence[Path], seconds: float
) -> Outcome:
    """Audit the tables in some folders, with nothing else in hand. Raises Refusal where there is none or one is spoilt."""
    workplace = Workplace(settings)
    tables = tables_in(folders, audience, quarter)
    found = audit_tables(workplace, tables, audience, quarter, seconds)
    page = folder_from_files(workplace, quarter) / PAGE
    how_many = "1 published table" if len(tables) == 1 else f"{len(tables)} published tables"
    said = f"{how_many} up to {quarter.words}, read back: {verdict(found)}."
    return Outcome(found.passed, f"{said}\n{_FOR_WHOM}: {page}")


def audit_cell(
    settings: Settings, quarter: Quarter, audience: str, cell: str, folders: Sequence[Path]
) -> Outcome:
    """Say what everybody can work out of one count, from the tables in some folders or else from those frozen here."""
    workplace = Workplace(settings)
    tables = tables_in(folders, audience, quarter) if folders else tables_frozen(workplace, audience, quarter)
    people, left = left_of_cell(workplace, tables, audience, quarter, cell)
    return Outcome(left.enough, f"{cell}: {words_of_left(left, people, quarter, workplace.policy(audience))}")
