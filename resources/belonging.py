"""Belonging: the lake and the two databases of one storage know each other, and what is lost is missed.

Each holds the storage's identity, a random number made once, and how often the storage was opened. By the first another
storage's part is known, by the second an older copy; and a ledger or a record of releases that was emptied, by what the
other has. What is lost stops everything until it is brought back, or somebody accepts the loss by name. Which places are
meant is `resources.settings`' to say, and what the parts hold is theirs.
"""

from __future__ import annotations

import datetime as dt
import secrets
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from disparity.refusal import Refusal, refuse
from resources.databases.identity import are_one, is_empty, known_as, make_known, refuse_without_tables
from resources.databases.opening import Kind, named, open_database, unusable
from resources.databases.releases import approver_named
from resources.databases.remembered import (
    Released,
    enter,
    in_ledger,
    note_on_record,
    on_record,
    record_again,
    telling_of_people,
)
from resources.databases.runs import log
from resources.lake import ACCEPT, REGISTER, Damaged, Lake, alone
from resources.register import Known
from resources.settings import Settings

_RULE = "the lake and the two databases belong together, and the ledger in the internal one protects later reports"
_NAMED = 4
"""How many releases a sentence names; of more it gives the number."""


@dataclass(frozen=True)
class Stores:
    """The three parts of one storage, opened."""

    lake: Lake
    internal: Engine
    results: Engine


@dataclass(frozen=True)
class _Part:
    """One part as it was found: its name in words, by what it knows the others, and whether it ever held anything."""

    name: str
    known: Known | None
    empty: bool


@dataclass(frozen=True)
class _Found:
    """What a storage was found to be: how it is known, what is lost in words, and what ledger and record do not share.

    ``untold`` are releases on record that told of nobody, which the ledger of an earlier version does not have;
    ``unmade`` those in it that never came on record, as their runs were killed.
    """

    known: Known
    lost: Sequence[str] = ()
    forgotten: Collection[Released] = ()
    unrecorded: Collection[Released] = ()
    untold: Collection[Released] = ()
    unmade: Collection[Released] = ()
    now_on_record: Collection[Released] = ()
    of_before: bool = False


def open_stores(settings: Settings) -> Stores:
    """Open the parts of a storage, made on first use. Raises Refusal where one is lost, an older copy or not theirs.

    What an earlier version stored is given an identity, which is said and kept on record.
    """
    lake = Lake(settings.storage / "lake")
    with ExitStack() as unless_kept:
        stores = _with_databases(lake, settings, unless_kept)
        with alone(lake.root), _in_words(stores):
            found = _look(settings, stores)
            if found.lost:
                raise _missed(settings, found.lost)
            _settle(stores.internal, found)
            _open_once_more(stores, found.known)
        if found.of_before:
            _say_of_before(settings, stores.results)
        unless_kept.pop_all()
    return stores


def _missed(settings: Settings, lost: Sequence[str]) -> Refusal:
    return refuse(
        "; ".join(lost),
        where=f"storage {settings.storage}",
        rule=_RULE,
        do="bring back what is lost from a backup made together with the rest, or correct --storage, "
        "RACE_EQUALITY_INTERNAL_URL or RACE_EQUALITY_RESULTS_URL. Where neither can be, this goes on without it, "
        f"unprotected against reports that are forgotten, and keeps on record who said so: {ACCEPT}",
    )


def _settle(internal: Engine, found: _Found) -> None:
    """Bring what the ledger says of its releases up to date."""
    enter(internal, found.untold)
    note_on_record(internal, found.now_on_record)
    note_on_record(internal, found.unmade, known=False)


def accept_loss(settings: Settings, accepted_by: str, reason: str) -> list[str]:
    """Go on without what is lost of a storage, with who said so and why on record; return what that was, in sentences.

    Raises Refusal where nothing is lost, nobody is named, no reason is given, or a part is another storage's.
    """
    name = approver_named(accepted_by, where="--accepted-by")
    why = " ".join(reason.split())
    if not any(letter.isalpha() for letter in why):
        raise refuse("no reason is given", where="--reason", rule="a loss is accepted for a reason, which stays on record",
                     do="say what was lost, how, and why it cannot be brought back")  # fmt: skip
    lake, lost = _lake_whatever(settings)
    with ExitStack() as to_close:
        stores = _with_databases(lake, settings, to_close)
        with alone(lake.root), _in_words(stores):
            found = _look(settings, stores)
        damaged = list(lake.damages())
        lost += [*found.lost, *(f"{quarter.words} of {place} in the lake" for place, quarter, _ in damaged)]
        if not lost:
            raise refuse("nothing is lost", where=f"storage {settings.storage}",
                         rule="a loss is accepted where there is one", do="go on as always")  # fmt: skip
        now = dt.datetime.now(dt.UTC)
        for each in lost:
            log(stores.results, name, f"accepted a loss: {each}. Reason: {why}", now)
        record_again(stores.internal, stores.results, found.unrecorded, now)
        enter(stores.internal, found.forgotten)
        _settle(stores.internal, found)
        for place, quarter, _ in damaged:
            lake.forget(place, quarter)
        with alone(lake.root):
            _open_once_more(stores, found.known)
    return lost


def _lake_whatever(settings: Settings) -> tuple[Lake, list[str]]:
    """Open the lake, with its register made anew where that is damaged, and say so."""
    root = settings.storage / "lake"
    try:
        return Lake(root), []
    except Damaged:
        (root / REGISTER).unlink(missing_ok=True)
        return Lake(root), ["the lake's register, and with it what else may be gone from the lake"]


@contextmanager
def _in_words(stores: Stores) -> Iterator[None]:
    """Refuse in words where a database fails."""
    try:
        yield
    except DBAPIError as error:
        raise unusable(" and ".join(named(*each) for each in _kinds(stores)), error) from None


def _with_databases(lake: Lake, settings: Settings, to_close: ExitStack) -> Stores:
    """Open both databases. Raises Refusal where they are one and the same, or tables are gone."""
    internal = open_database("internal", settings.internal_url)
    to_close.callback(internal.dispose)
    results = open_database("results", settings.results_url)
    to_close.callback(results.dispose)
    stores = Stores(lake, internal, results)
    with _in_words(stores):
        if are_one(internal, results):
            raise refuse(
                "both addresses are of one database", where=named("results", results),
                rule="the two are apart, as who may read results may not read what is internal",
                do="copy it to a database of its own and name that in RACE_EQUALITY_RESULTS_URL",
            )  # fmt: skip
        for kind, engine in _kinds(stores):
            refuse_without_tables(kind, engine)
    return stores


def _look(settings: Settings, stores: Stores) -> _Found:
    """Say how the parts stand to each other. Raises Refusal where one is another storage's."""
    register = stores.lake.register()
    parts = [
        _Part(f"the lake {stores.lake.root}", register.known, not register.held),
        *(
            _Part(f"the {named(kind, engine)}", known_as(kind, engine), is_empty(kind, engine))
            for kind, engine in _kinds(stores)
        ),
    ]
    known = [each.known for each in parts if each.known]
    _refuse_strangers(settings, parts)
    # The first opening ended before all had heard of it: nothing was kept yet that could be lost.
    begun = register.opening and register.known is not None and register.known.opened == 1
    if not known or begun:
        return _look_at_unknown(settings, stores, parts, register.known)
    latest = max(known, key=lambda each: each.opened)
    lost = list(_strange(parts, latest, opening=register.opening))
    released, kept = on_record(stores.results), in_ledger(stores.internal)
    forgotten = released - kept.keys()
    unrecorded = {each for each, recorded in kept.items() if recorded} - released
    return _Found(
        latest,
        [*lost, *_unshared(stores, forgotten, unrecorded)],
        forgotten,
        unrecorded,
        now_on_record={each for each, recorded in kept.items() if not recorded} & released,
    )


def _look_at_unknown(
    settings: Settings, stores: Stores, parts: Sequence[_Part], begun: Known | None
) -> _Found:
    """Look at a storage without an identity: it is new, or of an earlier version, and then a part may be lost too."""
    identity = begun or Known(secrets.token_hex(16), 0)
    released, kept = on_record(stores.results), set(in_ledger(stores.internal))
    telling = telling_of_people(stores.results)
    pages = next(settings.storage.glob("*/????-??-??/index.html"), None)
    lost = (
        [f"{each.name} is new or empty" for each in parts if each.empty] if released or kept or pages else []
    )
    forgotten = (released & telling) - kept
    unrecorded = kept - released if not released else set()
    return _Found(
        identity,
        [*lost, *_unshared(stores, forgotten, unrecorded)],
        forgotten,
        unrecorded,
        untold=released - telling - kept,
        unmade=kept - released,
        of_before=not all(each.empty for each in parts),
    )


def _refuse_strangers(settings: Settings, parts: Sequence[_Part]) -> None:
    by_identity: dict[str, list[str]] = {}
    for each in parts:
        if each.known:
            by_identity.setdefault(each.known.identity, []).append(each.name)
    if len(by_identity) > 1:
        raise refuse(
            f"these belong to different storages: {', and '.join(', '.join(names) for names in by_identity.values())}",
            where=f"storage {settings.storage}", rule=_RULE,
            do="name the databases of this storage in RACE_EQUALITY_INTERNAL_URL and RACE_EQUALITY_RESULTS_URL, or the "
            "storage of these databases with --storage",
        )  # fmt: skip


def _strange(parts: Sequence[_Part], latest: Known, *, opening: bool) -> Iterator[str]:
    """Yield which parts do not know the others, or are older copies."""
    for each in parts:
        if each.known is None:
            yield f"{each.name} " + (
                "is new or empty, and the rest is not"
                if each.empty
                else "does not say to which storage it belongs, as the rest does: it is an older copy, or another's"
            )
        elif each.known.opened < latest.opened - (1 if opening else 0):
            yield (
                f"{each.name} is an older copy: it was opened {each.known.opened} times, and the rest of the storage "
                f"{latest.opened} times"
            )


def _unshared(
    stores: Stores, forgotten: Collection[Released], unrecorded: Collection[Released]
) -> Iterator[str]:
    if forgotten:
        yield f"the ledger in the {named('internal', stores.internal)} lacks {_words_of(forgotten)}"
    if unrecorded:
        yield f"the {named('results', stores.results)} lacks {_words_of(unrecorded)}, which the ledger has"


def _words_of(releases: Collection[Released]) -> str:
    words = [each.words for each in sorted(releases, key=lambda each: (each.quarter, each), reverse=True)]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"what was released: {'; '.join(words[:_NAMED])}{more}"


def _open_once_more(stores: Stores, known: Known) -> None:
    """Count one more opening in all three parts. The caller holds the lake's lock.

    The lake says first that it is being opened: killed in between, nobody takes the databases for older copies.
    """
    now = replace(known, opened=known.opened + 1)
    lake = stores.lake
    lake.write_register(replace(lake.register(), known=now, opening=True))
    for kind, engine in _kinds(stores):
        make_known(kind, engine, now)
    lake.write_register(replace(lake.register(), opening=False))


def _kinds(stores: Stores) -> Iterator[tuple[Kind, Engine]]:
    yield "internal", stores.internal
    yield "results", stores.results


def _say_of_before(settings: Settings, results: Engine) -> None:
    words = (
        "gave lake and databases, which an earlier version made, one identity, by which they know each other"
    )
    log(results, "pipeline", words, dt.datetime.now(dt.UTC))
    sys.stderr.write(f"storage {settings.storage}: {words}\n")
