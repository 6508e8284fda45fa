"""The audit as a command: an attacker is set on a report, and what he found is said in words."""

from __future__ import annotations

from assets.auditing import audit_release, folder_of
from disparity.periods import Quarter
from pipelines.running import Outcome
from reports.audit import verdict
from resources.publisher import PAGE
from resources.settings import Settings
from resources.workplace import Workplace


def audit_quarter(settings: Settings, quarter: Quarter, audience: str, seconds: float) -> Outcome:
    """Audit one audience's report of a quarter. Raises Refusal where there is none."""
    workplace = Workplace(settings)
    workplace.open_databases()
    found = audit_release(workplace, audience, quarter, seconds)
    page = folder_of(workplace, audience, quarter) / PAGE
    said = f"The {audience} report of {quarter.words}, with all that its readers were told before: {verdict(found)}."
    return Outcome(found.passed, f"{said}\nFor whoever answers for information governance: {page}")
