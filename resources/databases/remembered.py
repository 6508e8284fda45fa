"""Which releases the ledger holds and which are on record: a report is protected by the first against the second.

The ledger is of the internal database, the record of the results database; that one lacks what the other has is how a lost,
emptied or older one is known.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Engine, func, not_, or_, select
from sqlalchemy.orm import Session

from disparity.markers import ABSENT, NOT_APPLICABLE
from disparity.periods import Quarter
from resources.databases.internal import LedgerEntry, LedgerRelease
from resources.databases.opening import writing
from resources.databases.releases import save_release
from resources.databases.results import Estimate, Publication, Release


class Released(NamedTuple):
    """One vintage of a quarter that an audience was told, or could have been."""

    audience: str
    quarter: str
    vintage: int

    @property
    def words(self) -> str:
        """What people call it."""
        return f"{self.audience}, {Quarter.from_key(self.quarter).words}, vintage {self.vintage}"


def on_record(results: Engine) -> set[Released]:
    """Return every release that the results database has, or has the publication of."""
    with Session(results) as session:
        released = select(Release.audience, Release.quarter, Release.vintage).where(
            Release.state == "released"
        )
        published = select(Publication.audience, Publication.quarter, Publication.vintage)
        return {Released(*row) for query in (released, published) for row in session.execute(query)}


def telling_of_people(results: Engine) -> set[Released]:
    """Return the releases that tell of somebody: not those in which every figure is not available or does not apply."""
    key = (Estimate.audience, Estimate.quarter, Estimate.vintage)
    lacking = or_(
        *(Estimate.status.startswith(status, autoescape=True) for status in (ABSENT, NOT_APPLICABLE))
    )
    with Session(results) as session:
        rows = session.execute(select(*key).where(not_(lacking)).distinct())
        return {Released(*row) for row in rows}


def in_ledger(internal: Engine) -> dict[Released, bool]:
    """Return the releases that the ledger holds with all their lines, and whether they are known to be on record."""
    kept, lines = _kept(internal), _lines(internal)
    return {of: release.on_record for of, release in kept.items() if release.lines == lines.get(of, 0)}


def enter(internal: Engine, releases: Collection[Released]) -> None:
    """Let the ledger hold releases with the lines it has of them, which may be none."""
    if not releases:
        return
    kept, lines = _kept(internal), _lines(internal)
    with writing(internal) as session:
        for each in releases:
            content = kept[each].content_sha256 if each in kept else ""
            session.merge(
                LedgerRelease(
                    **each._asdict(), content_sha256=content, lines=lines.get(each, 0), on_record=True
                )
            )


def note_on_record(internal: Engine, releases: Collection[Released], *, known: bool = True) -> None:
    """Note of releases in the ledger that they are on record, or that they never were."""
    if not releases:
        return
    with writing(internal) as session:
        for each in releases:
            kept = session.get(LedgerRelease, each)
            if kept is not None:
                kept.on_record = known


def record_again(internal: Engine, results: Engine, releases: Iterable[Released], at: dt.datetime) -> None:
    """Put releases of the ledger on record again, without approvals and figures: no later one takes their number."""
    kept = _kept(internal)
    for each in sorted(releases):
        content = kept[each].content_sha256 or hashlib.sha256(each.words.encode()).hexdigest()
        quarter = Quarter.from_key(each.quarter)
        save_release(results, each.audience, quarter, each.vintage, content, state="released", released_at=at)


def _kept(internal: Engine) -> dict[Released, LedgerRelease]:
    with Session(internal, expire_on_commit=False) as session:
        return {
            Released(each.audience, each.quarter, each.vintage): each
            for each in session.scalars(select(LedgerRelease))
        }


def _lines(internal: Engine) -> dict[Released, int]:
    key = (LedgerEntry.audience, LedgerEntry.quarter, LedgerEntry.vintage)
    with Session(internal) as session:
        rows = session.execute(select(*key, func.count()).group_by(*key))
        return {Released(audience, quarter, vintage): lines for audience, quarter, vintage, lines in rows}
