"""Auditing: an attacker is set on a release and all that its readers know, and what he found is kept for the owner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from assets.counting import Counted, frame_of, people_counted
from assets.naming import described, lock_sha256
from assets.readers import told_before, told_to_more
from assets.witnessing import Say, aid_of
from disparity.audiences import RELEASED
from disparity.catalogue import Policy, themes_of
from disparity.disclosure.attacker import Aid, Contradiction
from disparity.disclosure.audit import Audit, audit, of_all_readers
from disparity.disclosure.ledger import together, told_in
from disparity.disclosure.released_counts import Before
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import People
from disparity.refusal import refuse
from reports.pages.audit import audit_json, audit_of, audit_page
from resources.publisher import PAGE, publish_files
from resources.workplace import Workplace

DATA = "audit.json"
_RUN_AGAIN = "run the quarter again; if it stays, ask who keeps this software"
SECONDS = 900.0
"""For one attack; what is not proved safe by then is held."""


def audit_release(
    workplace: Workplace, audience: str, quarter: Quarter, seconds: float, say: Say = lambda _: None
) -> Audit:
    """Audit what an audience was told of a quarter, with all that its readers know by now; ``say`` how far that is.

    Raises Refusal where nothing was made for the quarter, or what its readers were told contradicts itself.
    """
    told, counts, counted = _told(workplace, audience, quarter)
    readers = told_before(audience, quarter, counts, counted)
    aid = aid_of(workplace, audience, quarter, counts, counted, say)
    with contradictions_refused(f"audit, {audience}, {quarter.words}", do=_RUN_AGAIN):
        return audit_told(workplace, audience, quarter, told, readers, seconds, counted.naming, aid)


def audit_of_release(workplace: Workplace, audience: str, quarter: Quarter) -> Audit:
    """Return the audit that was made with the counts an audience is told, or make it. Raises as `audit_release`."""
    told, _, counted = _told(workplace, audience, quarter)
    entry = workplace.lake.get(f"{audience}/audit", quarter)
    if entry is not None and entry.facts.get("told") == _digest(told, [], workplace.policy(audience)):
        return audit_of(entry.read(DATA), counted.naming.people)
    return audit_release(workplace, audience, quarter, SECONDS)


def audit_told(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    told: Mapping[People, Before],
    readers: Sequence[Mapping[People, Before]],
    seconds: float,
    naming: Naming,
    aid: Aid,
) -> Audit:
    """Set an attacker on what is told of whom, once for each kind of reader, and keep what he found for the owner.

    What was found of the same, for whichever audience, is not sought again. Raises Contradiction as `audit` does.
    """
    policy = workplace.policy(audience)
    of = _digest(told, readers, policy)
    found = _found_already(workplace, quarter, of, naming) or of_all_readers(
        [audit(told, before, policy, seconds, aid) for before in readers]
    )
    files = {DATA: audit_json(found, audience, quarter, policy)}
    facts = {"of": of, "told": _digest(told, [], policy), "proved": not found.unproved}
    workplace.lake.put(f"{audience}/audit", quarter, facts, files)
    page = audit_page(found, workplace.catalogue.organisation, audience, quarter, policy)  # type: ignore[arg-type]
    folder = folder_of(workplace, audience, quarter)
    publish_files(folder, files | {PAGE: page.encode()}, below=workplace.settings.storage, readers="owner")
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
) -> tuple[dict[People, Before], pl.DataFrame, Counted]:
    """Return what the report and wider ones tell of whom, the counts behind it, and whom they count. Raises Refusal."""
    if any(
        workplace.lake.get(f"{audience}/protected/{each}", quarter) is None
        for each in themes_of(workplace.catalogue)
    ):
        raise refuse(
            f"nothing was made for {quarter.words}", where=f"audit, {audience}", rule="what is audited was made first",
            do=f"race-equality run --quarter {quarter.key}",
        )  # fmt: skip
    counts = frame_of(workplace, "counts", quarter)
    counted = people_counted(workplace, counts, quarter)
    told = told_in(frame_of(workplace, f"{audience}/protected", quarter), counted.people)
    return together(told_to_more(workplace, audience, quarter, counted.people), told), counts, counted


def _digest(told: Mapping[People, Before], readers: Sequence[Mapping[People, Before]], policy: Policy) -> str:
    """Return a hash over what is told, all that each reader knows together, the policy, and the code with its libraries."""
    known = [_rows(told)]
    known += [_rows(together(before, told)) for before in readers]
    content = json.dumps([known, policy.model_dump_json(), described(__name__), lock_sha256()])
    return hashlib.sha256(content.encode()).hexdigest()


def _rows(told: Mapping[People, Before]) -> list[list[object]]:
    """Return who and what is told of them, in one order whatever it comes from."""
    return sorted([people.dataset, str(people.region), *people[2:], *known] for people, known in told.items())


def _found_already(workplace: Workplace, quarter: Quarter, of: str, naming: Naming) -> Audit | None:
    for audience in RELEASED:
        entry = workplace.lake.get_to_replace(f"{audience}/audit", quarter)
        if entry is not None and entry.facts["of"] == of and entry.facts.get("proved"):
            return audit_of(entry.read(DATA), naming.people)
    return None
