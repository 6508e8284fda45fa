"""Staff numbers: rows of people whom the staff lists do not have, and whether zeros in front are what is between them.

Facts are exact and stay in the lake; sentences have their counts by a policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import polars as pl

from assets.states import RECEIVED
from disparity.catalogue import Policy
from disparity.datasets import Dataset
from disparity.datasets.identifiers import numbers
from disparity.disclosure import shown_count
from disparity.disclosure.protection import number_shown, worded_count
from disparity.disclosure.unanswered import SHARE_SAID
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from resources.identifiers import note_of_zeros
from resources.workplace import Workplace


class NotInPost(TypedDict):
    """Accepted rows, and those of people who stand in none of the staff ``lists`` there are, of this quarter and the last.

    ``found_with_zeros`` of these would be found if zeros were put in front of numbers.
    """

    accepted: int
    rows: int
    found_with_zeros: int
    lists: int


def not_in_post(
    workplace: Workplace, quarter: Quarter, accepted: pl.LazyFrame, received: pl.LazyFrame
) -> NotInPost | None:
    """Count accepted rows of people whom the staff lists do not have; None where there is no list to look in."""
    lists = [each for at in quarter.window(2) if (each := _staff_list(workplace, at)) is not None]
    if not lists:
        return None
    listed = pl.concat(lists)
    strangers = _numbered(accepted, received).join(listed, on="person", how="anti")
    found = strangers.join(listed, on="number", how="semi")
    counted = pl.collect_all(
        [each.select(pl.len()) for each in (accepted, strangers, found)], engine="streaming"
    )
    rows, not_listed, with_zeros = (int(each.item()) for each in counted)
    return NotInPost(accepted=rows, rows=not_listed, found_with_zeros=with_zeros, lists=len(lists))


def sentences_of(facts: Mapping[str, Any], dataset: Dataset, policy: Policy) -> Iterator[str]:
    """Yield what whoever ran a quarter has to know of a dataset's numbers, and what to do.

    Records of an earlier version say nothing of them.
    """
    found: NotInPost | None = facts.get("not_in_post")
    amiss = [*words_of_zeros(facts, dataset, policy)]
    if found and found["rows"]:
        amiss.append(words_of_strangers(found, dataset, policy))
    yield from (f"{dataset.title}: {words}." for words in amiss)


def sentences_for_readers(facts: Mapping[str, Any], dataset: Dataset, policy: Policy) -> Iterator[str]:
    """Yield what readers of a report have to know: that figures leave rows out, where by the counts shown they are many."""
    found: NotInPost | None = facts.get("not_in_post")
    if found and _many(found, policy):
        yield f"{dataset.title}: {_strangers(found, policy)}."
    for identifiers in facts.get("apart_by_zeros", {}).values():
        if shown_count(identifiers, policy) != HIDDEN:
            yield (
                f"{dataset.title}: {worded_count(identifiers, policy)} numbers differ from another one by zeros in front "
                "alone, so that one may be counted as two."
            )


def _many(found: NotInPost, policy: Policy) -> bool:
    rows, of = (number_shown(found[name], policy) for name in ("rows", "accepted"))
    return rows is not None and of is not None and 0 < of <= SHARE_SAID * rows


def words_of_zeros(facts: Mapping[str, Any], dataset: Dataset, policy: Policy) -> Iterator[str]:
    """Yield, by column, that zeros in front alone keep numbers of an extract apart."""
    for column, identifiers in facts.get("apart_by_zeros", {}).items():
        yield note_of_zeros(column, identifiers, dataset.name).said(lambda count: worded_count(count, policy))


def words_of_strangers(found: NotInPost, dataset: Dataset, policy: Policy) -> str:
    """Say of how many rows the staff lists do not have the people, and what to do; or that they have everybody."""
    if not found["rows"]:
        return "everybody stands in staff in post of this quarter or the last"
    return f"{_strangers(found, policy)}. {_what_to_do(found, dataset)}"


def _strangers(found: NotInPost, policy: Policy) -> str:
    where = (
        "in neither this quarter's nor the last quarter's staff in post (who joined and left in between rightly is not)"
        if found["lists"] == 2
        else "not in the only staff list there is of this quarter and the last"
    )
    how_many = _how_many(found["rows"], found["accepted"], policy)
    return f"{how_many} are of people who are {where}, and figures that join the two leave them out"


def _what_to_do(found: NotInPost, dataset: Dataset) -> str:
    if not found["found_with_zeros"] and found["lists"] < 2:
        return "The other one may have them"
    if not found["found_with_zeros"]:
        return "Compare how the two extracts write staff numbers"
    of_them = "all" if found["found_with_zeros"] == found["rows"] else "some"
    return (
        f"With zeros put in front of their numbers, {of_them} of them would be found: export staff numbers as text, so "
        f"that zeros stay, or set digits for person under {dataset.name} and staff_in_post in sources.yaml"
    )


def _how_many(rows: int, of: int, policy: Policy) -> str:
    """Word a part of the rows so that neither it nor what is left over of them is a count the policy hides."""
    if rows == of:
        return "all rows"
    whole = "rows" if shown_count(of, policy) == HIDDEN else f"of {worded_count(of, policy)} rows"
    if shown_count(rows, policy) != HIDDEN and shown_count(of - rows, policy) == HIDDEN:
        return f"all but {worded_count(of - rows, policy)} {whole}"
    return f"{worded_count(rows, policy)} {whole}"


def _staff_list(workplace: Workplace, quarter: Quarter) -> pl.LazyFrame | None:
    """Return the people of a quarter's staff in post, as `_numbered`; None where there is no such list."""
    records = workplace.lake.get("records/staff_in_post", quarter)
    if records is None or records.facts["state"] != RECEIVED:
        return None
    received = workplace.lake.get("received/staff_in_post", quarter)
    text = received.scan("text") if received and "text.parquet" in received.files else None
    return _numbered(records.scan("accepted"), text)


def _numbered(records: pl.LazyFrame, received: pl.LazyFrame | None) -> pl.LazyFrame:
    """Return each record's ``person`` and, from what was received, the ``number`` that zeros in front do not change."""
    people = records.select("person")
    if received is None:
        return people.with_columns(number="person")
    known = numbers(received, "person").rename({"identifier": "person"})
    return people.join(known, on="person", how="left").with_columns(
        pl.coalesce("number", "person").alias("number")
    )
