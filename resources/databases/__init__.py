"""The two databases: `internal`, owner-only, and `results`, of runs, protected estimates and releases."""

from __future__ import annotations

from resources.databases.estimates import COLUMNS, estimates_of, latest_estimates, save_estimates
from resources.databases.opening import Kind, default_url, open_database
from resources.databases.profiles import ledger_for, recorded_for, save_ledger, save_profile
from resources.databases.releases import (
    ReleaseOnRecord,
    approve,
    approver_named,
    approver_of,
    is_approved,
    latest_release,
    published_vintages,
    record_publication,
    save_release,
)
from resources.databases.remembered import Released, note_on_record
from resources.databases.runs import ExtractState, extract_states, log, record_run, save_extract_state

__all__ = [
    "COLUMNS",
    "ExtractState",
    "Kind",
    "ReleaseOnRecord",
    "Released",
    "approve",
    "approver_named",
    "approver_of",
    "default_url",
    "estimates_of",
    "extract_states",
    "is_approved",
    "latest_estimates",
    "latest_release",
    "ledger_for",
    "log",
    "note_on_record",
    "open_database",
    "published_vintages",
    "record_publication",
    "record_run",
    "recorded_for",
    "save_estimates",
    "save_extract_state",
    "save_ledger",
    "save_profile",
    "save_release",
]
