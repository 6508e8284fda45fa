"""Approving: a release is put before whoever approves it, and who approved it is put on record.

A release is named by its audience and the beginning of the sha256 of its content, so that nobody approves another than was
looked at.
Writing what was approved is `assets.publishing`'s.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assets.differing import files_that_differ
from assets.holding import why_held
from assets.provenance import provenance_of
from disparity.periods import Quarter
from disparity.refusal import refuse
from resources.account import account
from resources.databases import (
    ReleaseOnRecord,
    approve,
    approver_named,
    approver_of,
    latest_release,
    log,
)
from resources.lake import Entry
from resources.workplace import Workplace

_SHORT = 12


@dataclass(frozen=True)
class Offer:
    """A release as it is put before whoever approves it.

    ``release`` is its name; ``differ`` the files in which it is not what was published, None where nothing was;
    ``software`` the version that made it, "" where that is not on record.
    """

    release: str
    differ: Sequence[str] | None
    software: str
    approved_by: str | None

    @property
    def differences(self) -> str:
        """The files to read again, in words."""
        if self.differ is None:
            return "nothing was published before"
        if not self.differ:
            return "no file differs from what was published"
        return f"files that differ from what was published: {', '.join(self.differ)}"

    @property
    def words(self) -> str:
        """All of it in one line."""
        made = f", made by software {self.software}" if self.software else ""
        approved = f"; approved before by {self.approved_by}" if self.approved_by else ""
        return f"{self.release}{made}: {self.differences}{approved}"


def offer_of(workplace: Workplace, audience: str, quarter: Quarter) -> Offer:
    """Return the latest release of a quarter as it is offered. Raises Refusal where there is none, or it was held."""
    found, entry = latest_and_frozen(workplace, audience, quarter)
    made = provenance_of(entry)
    return Offer(
        _name_of(found),
        files_that_differ(workplace, audience, quarter),
        made.software if made else "",
        approver_of(workplace.results, found.id),
    )


def approve_release(
    workplace: Workplace, audience: str, quarter: Quarter, approved_by: str, releases: Sequence[str]
) -> str:
    """Record a named approval of a quarter's latest release and return who is on record for it: the first stays.

    The name is what somebody typed; the log says beside it from which account, which nobody can type.

    Raises Refusal when nobody is named, there is no release, it was held, or it is none of ``releases``, which are names.
    """
    found, _ = latest_and_frozen(workplace, audience, quarter)
    name, now = approver_named(approved_by, where="approved_by"), dt.datetime.now(dt.UTC)
    _refuse_other(found, releases)
    on_record = approve(workplace.results, found.id, name, now)
    release = f"{audience} {quarter.key}, release {found.id}"
    did = (
        f"approved {release}" if on_record == name else f"published again {release}, approved by {on_record}"
    )
    log(workplace.results, name, f"{did}, from the account {account()}", now)
    return on_record


def _name_of(found: ReleaseOnRecord) -> str:
    """Return what a release is called. With the audience in front YAML never takes it for a number."""
    return f"{found.audience}-{found.content_sha256[:_SHORT]}"


def _refuse_other(found: ReleaseOnRecord, releases: Sequence[str]) -> None:
    """Raise Refusal unless a release is among those named. Which one it is, is not said: it has to be looked at."""
    if _name_of(found) in (each.strip().lower() for each in releases):
        return
    raise refuse(
        "the latest release is none of those named",
        where=f"{found.audience}, {found.quarter.words}",
        rule="what is approved is what was looked at; it may have been made again since",
        do=f"look at {found.audience}/release of this quarter in Dagster, and give what its metadata call `release`",
    )


def latest_and_frozen(workplace: Workplace, audience: str, quarter: Quarter) -> tuple[ReleaseOnRecord, Entry]:
    """Return the latest release and its frozen files. Raises Refusal unless they are there and belong together."""
    found = latest_release(workplace.results, audience, quarter)
    entry = workplace.lake.get(f"{audience}/release", quarter)
    where = f"{audience}, {quarter.words}"
    if found is None or (entry is None and found.state == "released"):
        raise refuse(
            "nothing was released",
            where=where,
            rule="what is published was released first",
            do="run the quarter first",
        )
    if entry is None or found.state != "released":
        held = why_held(workplace, audience, quarter, found.content_sha256)
        raise refuse(
            f"the latest release is held back{f' by {held}' if held else ''}", where=where,
            rule="what is published passed every check", do="mend what they say and run the quarter again",
        )  # fmt: skip
    if entry.facts["sha256"] != found.content_sha256:
        raise refuse(
            "the frozen files are not those of the latest release", where=where,
            rule="what is published is what was approved", do="run the quarter again and approve its release",
        )  # fmt: skip
    return found, entry
