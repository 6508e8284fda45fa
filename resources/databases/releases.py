"""Releases: what may be said, who approved it and what was published, each recorded once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from disparity.periods import Quarter
from disparity.refusal import refuse
from resources.databases.opening import writing
from resources.databases.results import Approval, Publication, Release

State = Literal["released", "held"]

_LONGEST_NAME = 100  # as the column of approvals has it


@dataclass(frozen=True)
class ReleaseOnRecord:
    """One release as the database has it."""

    id: int
    audience: str
    quarter: Quarter
    vintage: int
    content_sha256: str
    state: State
    released_at: dt.datetime


def save_release(
    engine: Engine,
    audience: str,
    quarter: Quarter,
    vintage: int,
    content_sha256: str,
    *,
    state: State,
    released_at: dt.datetime,
) -> int:
    """Record a release and return its number.

    The same content keeps its number, so an approval of it holds; other content is another release and needs
    its own. Recording again what is already the latest changes nothing, its time included.
    """
    content = {
        "audience": audience,
        "quarter": quarter.key,
        "vintage": vintage,
        "content_sha256": content_sha256,
    }
    with writing(engine) as session:
        latest = _latest(session, audience, quarter)
        release = session.scalars(select(Release).filter_by(**content)).first()
        if release is None:
            release = Release(**content)
            session.add(release)
        elif release is latest and release.state == state:
            return release.id
        release.state, release.released_at, release.sequence = state, released_at, _next(session)
        session.flush()
        return release.id


def latest_release(engine: Engine, audience: str, quarter: Quarter) -> ReleaseOnRecord | None:
    """Return the release of a quarter that was recorded last, held back or not, or None."""
    with Session(engine) as session:
        found = _latest(session, audience, quarter)
        if found is None:
            return None
        state: State = "released" if found.state == "released" else "held"
        return ReleaseOnRecord(
            found.id, audience, quarter, found.vintage, found.content_sha256, state, found.released_at
        )


def _latest(session: Session, audience: str, quarter: Quarter) -> Release | None:
    query = select(Release).where(Release.audience == audience, Release.quarter == quarter.key)
    return session.scalars(query.order_by(Release.sequence.desc())).first()


def _next(session: Session) -> int:
    with session.no_autoflush:  # the release at hand is not whole before it has its number
        return (session.scalar(select(func.max(Release.sequence))) or 0) + 1


def approver_named(given: str, where: str = "--approved-by") -> str:
    """Return an approver's name, with one space between its words. Raises Refusal when it is none, or too long.

    ``where`` is what the refusal calls the place it was given in.
    """
    name = " ".join(given.split())
    if len(name) > _LONGEST_NAME:
        what = "the name is too long"
    elif not name.isprintable():
        what = "the name holds characters that cannot be seen"
    elif not any(letter.isalpha() for letter in name):
        what = "no name is given"
    else:
        return name
    raise refuse(
        what,
        where=where,
        rule=f"a release is approved by a named person, in at most {_LONGEST_NAME} characters that can be seen",
        do="give the name of the person who read the report and approves it",
    )


def approve(engine: Engine, release_id: int, approved_by: str, approved_at: dt.datetime) -> str:
    """Record that a person approved a release and return who is on record for it: the first approval stays.

    Raises Refusal when nobody is named, there is no such release, or it is held back.
    """
    name = approver_named(approved_by)
    with writing(engine) as session:
        release = session.get(Release, release_id)
        if release is None or release.state != "released":
            raise refuse(
                "there is no such release" if release is None else "the release is held back",
                where=f"release {release_id}",
                rule="only a release whose checks passed is approved",
                do="run the quarter again and read what its checks say",
            )
        before = session.get(Approval, release_id)
        if before is not None:
            return before.approved_by
        session.add(Approval(release_id=release_id, approved_by=name, approved_at=approved_at))
        return name


def approver_of(engine: Engine, release_id: int) -> str | None:
    """Return who approved a release that is not held back, or None where nobody has."""
    query = (
        select(Approval.approved_by)
        .join(Release)
        .where(Release.id == release_id, Release.state == "released")
    )
    with Session(engine) as session:
        return session.scalars(query).first()


def is_approved(engine: Engine, release_id: int) -> bool:
    """Return whether somebody approved a release that is not held back."""
    return approver_of(engine, release_id) is not None


def record_publication(
    engine: Engine, audience: str, quarter: Quarter, vintage: int, published_at: dt.datetime
) -> None:
    """Record that a vintage was put before its audience; the first time stays."""
    with writing(engine) as session:
        if session.get(Publication, (audience, quarter.key, vintage)) is None:
            session.add(
                Publication(
                    audience=audience, quarter=quarter.key, vintage=vintage, published_at=published_at
                )
            )


def published_vintages(engine: Engine, audience: str) -> dict[Quarter, list[int]]:
    """Return the quarters published to an audience and their vintages that were, oldest first."""
    query = (
        select(Publication.quarter, Publication.vintage)
        .where(Publication.audience == audience)
        .order_by(Publication.quarter, Publication.vintage)
    )
    published: dict[Quarter, list[int]] = {}
    with Session(engine) as session:
        for key, vintage in session.execute(query):
            published.setdefault(Quarter.from_key(key), []).append(vintage)
    return published
