"""Markers: what stands where a row or a cell has no figure. What each says to readers is in `reports.wording.sentences`."""

from __future__ import annotations

HIDDEN = "[c]"
UNRELIABLE = "[u]"
ABSENT = "[x]"
NOT_APPLICABLE = "[z]"
