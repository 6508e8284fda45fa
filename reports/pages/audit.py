"""The audit of a release as a page and as data, for whoever answers for information governance. It holds no count."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from disparity.audiences import Audience
from disparity.catalogue.indicators import ALL
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.policies import Policy
from disparity.disclosure.audit import Audit, Left
from disparity.disclosure.released_counts import BEYOND
from disparity.periods import Quarter
from disparity.populations.people import EVERYONE, Asked, People
from reports.pages.frame import render

_LISTS = ("exposed", "exposed_before", "unproved")


Files = Mapping[str, str]
"""The files that were read back for an audit, and the SHA-256 of each; none where what is kept was audited."""


def audit_json(
    audit: Audit, audience: str, quarter: Quarter, policy: Policy, files: Files | None = None
) -> bytes:
    """Return the audit as JSON: its verdict, how much it looked at, and whom it could not clear."""
    told = {
        "audience": audience,
        "quarter": quarter.key,
        "policy": policy.title,
        "values_left_at_least": policy.least_interval,
        **({"files": dict(files)} if files else {}),
        "nobody_can_be_recovered": audit.passed,
        **{
            name: list(map(_fields, value)) if name in _LISTS else value
            for name, value in audit._asdict().items()
        },
    }
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def audit_of(content: bytes, named: Callable[[Asked], People]) -> Audit:
    """Return the audit that was written as JSON; ``named`` gives people their name by how they were asked for."""
    told: dict[str, Any] = json.loads(content)
    lists: dict[str, Any] = {name: tuple(named(_asked(each)) for each in told[name]) for name in _LISTS}
    return Audit(**{name: told[name] for name in Audit._fields} | lists)


def audit_page(
    audit: Audit,
    organisation: Organisation,
    audience: Audience,
    quarter: Quarter,
    policy: Policy,
    files: Files | None = None,
) -> str:
    """Return the audit as one HTML document."""
    return render(
        "audit.jinja",
        organisation,
        "analyst",
        title=f"Audit of {'files read back' if files else f'the {audience} report'}, {quarter.words}",
        files=files or {},
        verdict=verdict(audit),
        audit=audit,
        policy=policy,
        lists=[
            ("Given away by this release", [words_of(each) for each in audit.exposed]),
            ("Not proved in the time given", [words_of(each) for each in audit.unproved]),
            ("Given away by earlier releases already", [words_of(each) for each in audit.exposed_before]),
        ],
    )


def verdict(audit: Audit) -> str:
    """Say in one sentence how the audit ended."""
    if audit.exposed:
        return (
            f"everything that was told leaves {_counts(len(audit.exposed))} too few values; "
            "the audit names whom they are of"
        )
    if audit.unproved:
        return (
            f"of {_counts(audit.hidden)} {len(audit.unproved):,} could not be proved safe in the time given"
        )
    known = (
        f"; {len(audit.exposed_before):,} were given away by earlier releases" if audit.exposed_before else ""
    )
    return f"all {audit.safe:,} hidden counts are proved to be left enough values{known}"


def _counts(number: int) -> str:
    return f"{number:,} hidden count{'' if number == 1 else 's'}"


def words_of_left(left: Left, people: People, quarter: Quarter, policy: Policy) -> str:
    """Say what everybody can work out of one count, and whether that is too much. No true count stands behind it."""
    least, values = f"at least {left.least:,}", left.greatest - left.least + 1
    # Half of it, since what is taken from such a count has no greatest value either.
    endless = left.greatest > BEYOND // 2
    between = (
        f"{least}, and nothing says how many at most" if endless else f"{least} and at most {left.greatest:,}"
    )
    if values == 1:
        between = f"{left.least:,} exactly"
    if not left.hidden:
        judged = "The report shows it rounded, and the policy keeps no more of it than that."
    elif not left.small:
        judged = f"It is hidden and cannot be below {policy.threshold}, so it is no secret of its own."
    elif left.enough:
        how_many = "" if endless else f", {values:,} values"
        judged = f"It is hidden and left enough{how_many}: the policy asks for {left.wanted}."
    else:
        judged = f"It is hidden and left too few values, {values:,}: the policy asks for {left.wanted}."
    return (
        f"{words_of(people)}.\n"
        f"Whoever lays all reports up to {quarter.words} together can work out that this count is {between}.\n{judged}"
    )


def words_of(counted: People) -> str:
    """Say who is counted, as an analyst reads it."""
    people = counted.asked
    where = (
        ""
        if people.breakdown == ALL
        else f", {'not ' if people.elsewhere else ''}{people.level} ({people.breakdown})"
    )
    who = "" if people.ethnicity == EVERYONE else f", {people.ethnicity.replace('_', ' ')}"
    asked = f", where {' and '.join(sorted(people.conditions))}" if people.conditions else ""
    one = people.since == people.until
    when = f"quarter of {people.until}" if one else f"quarters from {people.since} to {people.until}"
    return f"{people.dataset}, {when}{who}{where}{asked}"


def _fields(people: People) -> dict[str, Any]:
    asked = people.asked
    return asked._asdict() | {"conditions": sorted(asked.conditions)}


def _asked(fields: dict[str, Any]) -> Asked:
    return Asked(**fields | {"conditions": frozenset(fields["conditions"])})
