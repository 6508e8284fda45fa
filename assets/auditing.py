"""Auditing: an attacker is set on a release and all that its readers know, and what he found is kept for the owner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from assets.audiences import RELEASED, themes_of
from assets.counting import frame_of, people_counted, told_before
from assets.naming import described
from disparity.attacker import Contradiction
from disparity.audit import Audit, audit, of_all_readers
from disparity.complements import Before
from disparity.ledger import both, told_in
from disparity.periods import Quarter
from disparity.populations import People
from disparity.refusal import refuse
from reports.audit import audit_json, audit_of, audit_page
from resources.publisher import PAGE, publish_files
from resources.workplace import Workplace

DATA = "audit.json"
_RUN_AGAIN = "run the quarter again; if it stays, ask who keeps this software"
MADE_BY = ("disparity.adding_up", "disparity.attacker", "disparity.audit", "disparity.populations")


def audit_release(workplace: Workplace, audience: str, quarter: Quarter, seconds: float) -> Audit:
    """Audit what an audience was told of a quarter, and keep what was found for the owner.

    Two reports that tell the same are audited once, and so is one that was audited before. Raises Refusal where nothing
    was made for the quarter, or what its readers were told contradicts itself.
    """
    policy = workplace.policy(audience)
    if any(
        workplace.lake.get(f"{audience}/protected/{each}", quarter) is None
        for each in themes_of(workplace.catalogue)
    ):
        raise refuse(
            f"nothing was made for {quarter.words}", where=f"audit, {audience}", rule="what is audited was made first",
            do=f"race-equality run --quarter {quarter.key}",
        )  # fmt: skip
    told, readers = _told(workplace, audience, quarter)
    of = _digest(told, readers, policy.model_dump_json())
    with contradictions_refused(f"audit, {audience}, {quarter.words}", do=_RUN_AGAIN):
        found = _found_already(workplace, quarter, of) or of_all_readers(
            [audit(told, before, policy, seconds) for before in readers]
        )
    files = {DATA: audit_json(found, audience, quarter, policy)}
    workplace.lake.put(f"{audience}/audit", quarter, {"of": of, "passed": found.passed}, files)
    page = audit_page(found, workplace.catalogue.organisation, audience, quarter, policy)  # type: ignore[arg-type]
    publish_files(folder_of(workplace, audience, quarter), files | {PAGE: page.encode()}, readers="owner")
    return found


@contextmanager
def contradictions_refused(where: str, *, do: str) -> Iterator[None]:
    """Refuse in words what was told and contradicts itself."""
    try:
        yield
    except Contradiction:
        raise refuse(
            "what was told contradicts itself", where=where, rule="counts of one release add up", do=do
        ) from None  # fmt: skip


def folder_of(workplace: Workplace, audience: str, quarter: Quarter) -> Path:
    """Return where the page of an audit lies."""
    return workplace.settings.storage / "audit" / audience / quarter.key


def _told(
    workplace: Workplace, audience: str, quarter: Quarter
) -> tuple[dict[People, Before], list[dict[People, Before]]]:
    """Return what the report tells of whom, and what each kind of its readers was told before, in one order always."""
    counts = frame_of(workplace, "counts", quarter)
    people = people_counted(workplace, counts, quarter)
    told = told_in(frame_of(workplace, f"{audience}/protected", quarter), people)
    return _in_order(told), list(map(_in_order, told_before(workplace, audience, quarter, counts, people)))


def _in_order(told: Mapping[People, Before]) -> dict[People, Before]:
    return dict(sorted(told.items(), key=lambda each: _row(each[0])))


def _row(people: People) -> list[object]:
    return [people.dataset, sorted(people.conditions), *people[2:]]


def _digest(told: Mapping[People, Before], readers: Sequence[Mapping[People, Before]], policy: str) -> str:
    """Return a hash over all that each reader knows together, the policy and the code: the same whoever is told it."""
    known = []
    for before in readers:
        together = dict(before)
        for people, now in told.items():
            together[people] = both(before.get(people, now), now)
        known.append([[*_row(people), *each] for people, each in _in_order(together).items()])
    return hashlib.sha256(json.dumps([known, policy, described(*MADE_BY)]).encode()).hexdigest()


def _found_already(workplace: Workplace, quarter: Quarter, of: str) -> Audit | None:
    for audience in RELEASED:
        entry = workplace.lake.get(f"{audience}/audit", quarter)
        if entry is not None and entry.facts["of"] == of and entry.facts["passed"]:
            return audit_of(entry.read(DATA))
    return None
