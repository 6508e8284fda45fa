"""The question of a comparison: what an analyst typed, checked and named in the error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from disparity.refusal import refuse
from disparity.statistics.arguments import LARGEST_COUNT
from pipelines.commands.compare.sentence import ComparedWords

Better: TypeAlias = Literal["higher", "lower"]
_Sides: TypeAlias = tuple[int, int, int, int]

_COUNTS = re.compile(r"\s*0*([0-9]{1,10})\s*/\s*0*([0-9]{1,10})\s*")
_LEVELS = (0.5, 0.9999)


@dataclass(frozen=True)
class Question:
    """What was asked. Groups 1 and 2 are always the first and the second of the counts given.

    Here and in the other parts of the answer a field is a key of the JSON object and says what it means.
    """

    group_1: Annotated[str, "words for group 1"]
    group_2: Annotated[str, "words for group 2"]
    base: Annotated[str, "who is counted, such as applicants"]
    event: Annotated[str, "what happened to them, such as were called back"]
    better: Annotated[Better, "whether more or fewer events are better: higher or lower"]
    level: Annotated[float, "level of every interval and of the significance flag, such as 0.95"]
    events_1: Annotated[int, "events of group 1"]
    n_1: Annotated[int, "people of group 1"]
    events_2: Annotated[int, "events of group 2"]
    n_2: Annotated[int, "people of group 2"]
    unknown_events: Annotated[
        int | None, "events of people of unknown ethnicity; null where --unknown was not given"
    ]
    unknown_n: Annotated[int | None, "people of unknown ethnicity; null where --unknown was not given"]

    @property
    def counts(self) -> _Sides:
        """Events and people of group 1, then of group 2."""
        return self.events_1, self.n_1, self.events_2, self.n_2

    @property
    def flipped(self) -> bool:
        """Whether the ratio is group 2's rate over group 1's, as of what is better rarer."""
        return self.better == "lower"

    @property
    def sides(self) -> _Sides:
        """Return the counts in the order of the ratio, its numerator first."""
        x1, n1, x2, n2 = self.counts
        return (x2, n2, x1, n1) if self.flipped else (x1, n1, x2, n2)

    @property
    def words(self) -> ComparedWords:
        """Return the words in the order of the ratio, its numerator first."""
        first, second = (self.group_2, self.group_1) if self.flipped else (self.group_1, self.group_2)
        return ComparedWords(first, second, self.base, self.event)


def question_of(
    counts_1: str,
    counts_2: str,
    *,
    unknown: str | None = None,
    better: Better = "higher",
    group_1: str = "White",
    group_2: str = "ethnic minority",
    base: str = "people",
    event: str = "had the outcome",
    level: float = 0.95,
) -> Question:
    """Read what was typed. Raises Refusal naming the argument that is wrong."""
    if not _LEVELS[0] <= level <= _LEVELS[1]:
        raise refuse(
            f"{level:g} is no level for an interval", where="--level",
            rule=f"a level is from {_LEVELS[0]} to {_LEVELS[1]}", do="give 0.95 for 95% intervals",
        )  # fmt: skip
    if group_1.strip().casefold() == group_2.strip().casefold():
        raise refuse(
            "it is the same as --group-1", where="--group-2", rule="two groups are compared",
            do="name the group of the second counts",
        )  # fmt: skip
    events_1, n_1 = _read("COUNTS_1", counts_1)
    events_2, n_2 = _read("COUNTS_2", counts_2)
    unknown_events, unknown_n = (None, None) if unknown is None else _read("--unknown", unknown, least=0)
    return Question(
        group_1, group_2, base, event, better, level, events_1, n_1, events_2, n_2, unknown_events, unknown_n
    )


def _read(argument: str, typed: str, *, least: int = 1) -> tuple[int, int]:
    """Read events/people. Raises Refusal naming the argument."""
    found = _COUNTS.fullmatch(typed)
    events, n = (int(found[1]), int(found[2])) if found else (-1, -1)
    if found is None or max(events, n) > LARGEST_COUNT:
        raise refuse(
            f"{typed!r} is not events/people", where=argument,
            rule=f"counts are two whole numbers with a slash between, from 0 to {LARGEST_COUNT:,}, without commas",
            do="give them such as 235/2435",
        )  # fmt: skip
    if n < least:
        raise refuse(
            f"{typed!r} is a group of nobody", where=argument, rule="a rate needs at least 1 person",
            do="give how many people there were after the slash",
        )  # fmt: skip
    if events > n:
        raise refuse(
            f"{typed!r} has more events than people", where=argument,
            rule="events are counted among the people", do="give the events first, then the people",
        )  # fmt: skip
    return events, n
