"""Rows: what a row of the estimates and a line of the analyses hold, one registry of all their columns.

Whatever has these columns is made from it: frames, tables of the databases, JSON Schema, roundings of the CSV files,
data dictionary. How a row is computed is said in `disparity.estimates` and `disparity.analyses`, and how it is worded in
`reports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal, get_args, get_type_hints

Number = float | None
Kind = Literal["text", "whole", "number"]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_STATUS = {"pattern": r"^(\[[cuxz]\].*)?$"}


@dataclass(frozen=True)
class About:
    """What a column holds, to how many decimals it is worked out, and what its JSON is held to besides its kind."""

    words: str
    decimals: int | None = None
    held_to: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One column of a table: its kind and what is said about it."""

    kind: Kind
    about: About


def _ratio(words: str) -> About:
    return About(words, decimals=2)


def _of_status(cell: str) -> About:
    return About(f"The marker that stands in place of {cell}; empty where it is told.", held_to=_STATUS)


@dataclass(frozen=True)
class Estimate:
    """One row of the estimates, in the order of the file; a number that is not told is None.

    ``quarter`` is the key of the quarter whose report it stands in. The period is that of the figures: a window of whole
    quarters that ends with it, or the quarter of a survey.
    """

    organisation: Annotated[str, About("The organisation's name.")]
    theme: Annotated[str, About("The section of the report.")]
    indicator: Annotated[str, About("The indicator's name in the catalogue.")]
    breakdown: Annotated[str, About("What the row is broken down by; all for the whole organisation.")]
    level: Annotated[str, About("The level of the breakdown; all for the whole organisation.")]
    quarter: Annotated[str, About(
        "First day of the quarter whose report the row stands in.",
        held_to={"format": "date", "pattern": r"^\d{4}-(01|04|07|10)-01$"},
    )]  # fmt: skip
    period_start: Annotated[str, About(
        "First day of the window that the figures are of, or of the quarter of a survey.",
        held_to={"format": "date", "pattern": _DATE},
    )]  # fmt: skip
    period_end: Annotated[str, About(
        "Last day of the window that the figures are of, or of the quarter of a survey.",
        held_to={"format": "date", "pattern": _DATE},
    )]  # fmt: skip
    quarters: Annotated[int, About(
        "How many quarters the figures are of: those of the window, or the one of a survey.", held_to={"minimum": 1}
    )]  # fmt: skip
    reference_group: Annotated[
        str, About("The group that stands first in the report; empty where nothing is compared.")
    ]
    group: Annotated[str, About("The group beside it, or the one population described.")]
    reference_base: Annotated[
        Number, About("People, events or answers of the reference group, as the policy tells them.")
    ]
    reference_events: Annotated[Number, About("Those of the reference group to whom it happened.")]
    reference_value: Annotated[Number, About(
        "The reference group's value: percent, pounds, hours, points, or a year per 100 staff."
    )]  # fmt: skip
    group_base: Annotated[Number, About("People, events or answers of the group, as the policy tells them.")]
    group_events: Annotated[Number, About("Those of the group to whom it happened.")]
    group_value: Annotated[Number, About("The group's value, in the unit of reference_value.")]
    ratio_of: Annotated[str, About("Whose value over whose the ratio is; empty where nothing is compared.")]
    ratio: Annotated[Number, _ratio("The first value of ratio_of over the second; 1 is parity.")]
    ratio_low: Annotated[
        Number, _ratio("Lower limit of its 95% interval, the least over all that protected counts could be.")
    ]
    ratio_high: Annotated[Number, _ratio("Upper limit of its 95% interval; inf where it has no end.")]
    difference: Annotated[Number, About("The first value of ratio_of less the second.", decimals=1)]
    difference_low: Annotated[Number, About("Lower limit of its 95% interval.", decimals=1)]
    difference_high: Annotated[Number, About("Upper limit of its 95% interval.", decimals=1)]
    p_value: Annotated[Number, About(
        "The greatest p-value over all that protected counts could be; one of 0.05 or more by an exact test is the "
        "greatest at the ends of what they could be.",
        decimals=4,
    )]  # fmt: skip
    q_value: Annotated[Number, About(
        "The same, adjusted by Benjamini and Hochberg over what is published together.", decimals=4
    )]  # fmt: skip
    evidence: Annotated[str, About("Evidence in fixed words; empty where nothing is compared.")]
    flag: Annotated[str, About("Whether the ratio lies outside 0.80 to 1.25; empty where that is not asked.")]
    people_to_parity: Annotated[str, About(
        "How many outcomes would have had to go the other way for equal rates, such as 34 to 40; empty where that is "
        "not told."
    )]  # fmt: skip
    unknown_base: Annotated[Number, About("People whose ethnicity is not known.")]
    unknown_events: Annotated[Number, About("Those of them to whom it happened.")]
    ratio_low_unknown: Annotated[Number, _ratio(
        "The least ratio if all whose ethnicity is unknown were in one of the two groups."
    )]  # fmt: skip
    ratio_high_unknown: Annotated[Number, _ratio("The greatest such ratio.")]
    status: Annotated[str, About("Why a row has no figure, beginning with its marker; empty where it has.")]
    vintage: Annotated[int, About(
        "1 when first released, more where it was released again with other figures.", held_to={"minimum": 1}
    )]  # fmt: skip
    reference_base_status: Annotated[str, _of_status("reference_base")]
    reference_events_status: Annotated[str, _of_status("reference_events")]
    group_base_status: Annotated[str, _of_status("group_base")]
    group_events_status: Annotated[str, _of_status("group_events")]
    unknown_base_status: Annotated[str, _of_status("unknown_base")]
    unknown_events_status: Annotated[str, _of_status("unknown_events")]

    @property
    def told(self) -> bool:
        """Whether the row says a value of at least one group."""
        return self.group_value is not None or self.reference_value is not None

    @property
    def marker(self) -> str:
        """What stands where the row has no figure, such as ``[c]``; "" where it has all of them."""
        return self.status.partition(" ")[0] if self.status.startswith("[") else ""

    @property
    def reason(self) -> str:
        """Why the row has no figure, as far as more is known than its marker says."""
        return self.status.removeprefix(self.marker).strip()

    @property
    def parity(self) -> tuple[int, int] | None:
        """The least and the most people to parity, the same where one number is known; None where it was not computed."""
        if not self.people_to_parity:
            return None
        ends = [int(each) for each in self.people_to_parity.split(" to ")]
        return ends[0], ends[-1]


@dataclass(frozen=True)
class Line:
    """One line of the analyses, in the order of the file; a number that is not told is None."""

    indicator: Annotated[str, About("The indicator's name in the catalogue.")]
    analysis: Annotated[str, About("Which analysis the line is of.")]
    of: Annotated[str, About("What it is about: a period, a stage, a breakdown.")]
    figure: Annotated[str, About("What value, low and high are.")]
    value: Annotated[Number, About("The figure.", decimals=2)]
    low: Annotated[Number, About(
        "Its lower limit, the least at the ends of what protected counts could be; none for mix and rate, whose limits "
        "hold for exact counts alone.",
        decimals=2,
    )]  # fmt: skip
    high: Annotated[Number, About("Its upper limit, likewise; inf where it has no end.", decimals=2)]
    p_value: Annotated[Number, About(
        "The p-value where the figure is tested, the greatest at the ends of what protected counts could be.", decimals=4
    )]  # fmt: skip
    words: Annotated[str, About("What is said of it.")]


_KINDS: Mapping[object, Kind] = {str: "text", int: "whole", Number: "number"}


def columns_of(row: type[Estimate | Line]) -> Mapping[str, Column]:
    """Return the columns of a kind of row by name, in the order of its file."""
    hints = get_type_hints(row, include_extras=True)
    found = {}
    for each in fields(row):
        kind, about = get_args(hints[each.name])
        found[each.name] = Column(_KINDS[kind], about)
    return found


def names_of(row: type[Estimate | Line], *kinds: Kind) -> tuple[str, ...]:
    """Return the names of its columns, of these kinds or of all, in the order of its file."""
    return tuple(name for name, each in columns_of(row).items() if not kinds or each.kind in kinds)
