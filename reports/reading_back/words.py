"""Reading a release's own words back: notes, statuses and provenance, which a page passes on as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from disparity.catalogue import Catalogue
from disparity.catalogue.policies import Policy
from disparity.periods import Quarter
from reports.reading_back.expected_text import Origins, numbers_in, strays, without
from reports.release.estimates import rows_of
from reports.release.frozen import Release


def unexplained_words(origins: Origins) -> Iterator[str]:
    """Yield what words of a release hold a number that neither its policy nor its catalogue accounts for.

    A count of rows is one that the policy shows; a note has such counts, and the numbers of the catalogue's sentences and
    titles; a status says how many quarters of how many came, or which column did not; provenance has the policy
    and the vintage. An analyst's release has no policy and is not read for its words.
    """
    release, catalogue = origins.release, origins.catalogue
    policy = None if release.audience == "analyst" else _policy(release, catalogue)
    if policy is None:
        return
    if (release.policy_title, release.policy_why) != (policy.title, policy.why):
        yield "the policy in words: it is not that of the catalogue"
    for dataset in release.datasets:
        if not all(_told_by(policy, number) for number in numbers_in(dataset.words)):
            yield f"the note on the extract {dataset.name}: a count that the policy does not tell"
    known = {
        number
        for suite in catalogue.expectations.values()
        for each in suite
        for number in numbers_in(each.sentence)
    }
    titles = [
        *(each.title for each in catalogue.indicators.values()),
        *catalogue.house_style.breakdowns.values(),
    ]
    titles = [each.title for each in catalogue.indicators.values()]
    for at, note in enumerate(release.quality_notes, start=1):
        numbers = numbers_in(without(note, titles))
        if not all(number in known or _told_by(policy, number) for number in numbers):
            yield f"quality note {at}: neither a number of the catalogue's sentences nor a count that the policy shows"
    rows = (row for levels in origins.levels.values() for row in levels.values())
    for row in {row.status: row for row in rows}.values():
        if strays(row.status, origins.status(row.status)):
            yield f"the status of {row.indicator}: a number that no status has"
    yield from _unexplained_revisions(origins)
    known = {*catalogue.policies, *map(str, release.estimates["vintage"])}
    for at, (name, value) in enumerate(release.provenance, start=1):
        if numbers_in(name):
            yield f"line {at} of the provenance: a number in its name"
        if value not in known:
            yield f"line {at} of the provenance: neither a vintage nor a policy"


def _unexplained_revisions(origins: Origins) -> Iterator[str]:
    """Yield the revisions that cannot be of the figures, or whose reason is not the catalogue's for this audience."""
    release, recorded = origins.release, origins.catalogue.revisions
    figures = (*rows_of(release.estimates), *rows_of(release.history))
    newest = {(Quarter.from_key(row.quarter).end.isoformat(), row.vintage) for row in figures}
    can_be = {(end, vintage) for end, last in newest for vintage in range(2, last + 1)}
    if not {(each.period_end, each.vintage) for each in release.revisions} <= can_be:
        yield "the revisions: they are not those of the figures"
    for at, each in enumerate(release.revisions, start=1):
        known = recorded.get(dt.date.fromisoformat(each.period_end), {}).get(each.vintage)
        if each.reason != (known and known.told_to(release.audience)):
            yield f"the reason for revision {at}: it is not that of the catalogue"


def _policy(release: Release, catalogue: Catalogue) -> Policy | None:
    audiences = catalogue.organisation.audiences
    return None if release.audience == "analyst" else catalogue.policies[audiences[release.audience]]


def _told_by(policy: Policy, number: str) -> bool:
    """Whether a count is one that the policy tells: its threshold, or rounded and not below it."""
    digits = number.replace(",", "")
    return digits.isdecimal() and (
        int(digits) == policy.greatest_threshold
        or (int(digits) > policy.greatest_threshold and int(digits) % policy.round_to == 0)
    )
