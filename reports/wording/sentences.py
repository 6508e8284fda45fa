"""Sentences in house style, generated from a row of the estimates and its indicator."""

from __future__ import annotations

import math

import pandas as pd

from disparity.audiences import Audience
from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Indicator, Rate, Share
from disparity.markers import ABSENT, HIDDEN, NOT_APPLICABLE, UNRELIABLE
from disparity.rounding import written
from disparity.rows import Estimate, Number
from disparity.statistics.effect import expected_at_equal_chances
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.release.estimates import rows_of, unit_of
from reports.wording.numbers import (
    Wording,
    figure,
    interval,
    label,
    number,
    points_words,
    ratio_words,
    sentence_case,
    share_words,
    times,
    wording_for,
)

MARKERS = (
    (HIDDEN, "Confidential: hidden so that nobody can be identified. Hidden is not nought."),
    (UNRELIABLE, "Too few people to tell: the figure would be too uncertain to use."),
    (
        ABSENT,
        "Not available: the extract, a part or a column of it is missing, or those it is about have not agreed.",
    ),
    (NOT_APPLICABLE, "Not applicable: nothing is compared there, or there is nobody to count."),
    ("[r]", "Revised since it was first published."),
)
PERSON_QUARTERS = "person-quarters"
"""What the base of a rate is counted in."""

_STRENGTH = (CLEAR, SOME, NO_MATERIAL_DISPARITY, TOO_FEW)
# Two scenarios explain a range of ratios when they land on its ends at the decimals it is told with.
_SAME_RATIO = 0.011


def headline_rows(estimates: pd.DataFrame, catalogue: Catalogue) -> tuple[Estimate, ...]:
    """Return the told rows of the headline indicators, strongest evidence first."""
    order = {name: place for place, (name, each) in enumerate(catalogue.indicators.items()) if each.headline}
    rows = [
        row for row in rows_of(estimates) if row.indicator in order and row.breakdown == "all" and row.told
    ]
    return tuple(sorted(rows, key=lambda row: (_strength(row.evidence), order[row.indicator])))


def headline_sentences(estimates: pd.DataFrame, catalogue: Catalogue, audience: Audience) -> tuple[str, ...]:
    """Return the three sentences that open a report, or fewer where fewer can be told."""
    wording = wording_for(catalogue, audience)
    return tuple(
        finding(row, catalogue.indicators[row.indicator], wording)
        for row in headline_rows(estimates, catalogue)[:3]
    )


def finding(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say what a row found: both groups' values, then how they compare. The status where nothing is told."""
    if not row.told:
        said = (status_sentence(row.marker, row.reason), bounds_sentence(row, indicator, wording))
        return " ".join(part for part in said if part)
    parts = (values_sentence(row, indicator, wording), comparison_sentence(row, indicator, wording))
    return " ".join(part for part in parts if part)


def bounds_sentence(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say what can be said of a row whose figures are hidden; empty where that is nothing."""
    limits = "" if _says_nothing(row) else interval(row.ratio_low, row.ratio_high)
    within = f"Whatever the hidden counts are, the ratio is {limits}." if limits else ""
    return " ".join(part for part in (within, _bounded(row, indicator, wording)) if part)


def values_sentence(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say the values of both groups side by side, or of the one population that is described."""
    if isinstance(indicator, Share):
        return _shares(row, indicator, wording)
    chance = unit_of(indicator) == "percent"
    said = [
        f"{figure(value, indicator, wording)} {'of' if chance else 'for'} {_who(group, indicator)}"
        for group, value, _ in _groups(row)
        if value is not None
    ]
    if chance:
        said[0] = f"{said[0]} {indicator.event_words}"
    hidden = [
        _no_figure(f"figure for {_who(group, indicator)}", marker)
        for group, value, marker in _groups(row)
        if value is None
    ]
    lead = "" if chance else f"{indicator.title}: "
    return sentence_case(lead + ", beside ".join(said)) + "." + "".join(hidden)


def comparison_sentence(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say how many times as likely (or as high), with its interval; empty where nothing is compared."""
    limits = interval(row.ratio_low, row.ratio_high)
    points = "" if row.difference is None else _points_apart(row, wording)
    if row.ratio is None or math.isinf(row.ratio):
        return f"{sentence_case(points)}." if points and isinstance(indicator, Share) else ""
    first, second = both_sides(row, indicator)
    tail = f" (95% interval {limits})" if limits else ""
    if isinstance(indicator, Share):
        points = f", {points}" if points else ""
        return f"The share for {first} is {times(row.ratio, indicator)} as for {second}{tail}{points}."
    how = times(row.ratio, indicator)
    return f"That is {how} for {first} {indicator.base_words} as for {second} ones{tail}."


def evidence_sentence(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say what the evidence word means for this row; empty where nothing is compared."""
    if row.evidence in (CLEAR, SOME):
        lead = sentence_case(CLEAR if row.evidence == CLEAR else "some evidence of a disparity")
        higher = _higher(row)
        return f"{lead}: {_more(higher, indicator)}." if higher else f"{lead}."
    if row.evidence == NO_MATERIAL_DISPARITY:
        low, high = indicator.margin
        inside = f": the whole interval lies inside {interval(low, high)}" if row.ratio is not None else ""
        return f"No material disparity{inside}."
    if row.evidence == TOO_FEW:
        return f"Too few to tell.{_seen_and_expected(row, indicator, wording)}"
    return ""


def flag_sentence(row: Estimate) -> str:
    """Say the two flags that national reports use, side by side; empty where the row has none."""
    if not row.flag:
        return ""
    significant = {CLEAR: "yes", SOME: "yes"}.get(row.evidence, "no" if row.evidence else "cannot tell")
    if row.evidence == NO_MATERIAL_DISPARITY and row.q_value is not None:
        significant = "yes" if row.q_value < 0.05 else "no"
    ratio = "cannot tell whether outside 0.80 to 1.25" if row.flag == "cannot tell" else row.flag
    return f"Ratio: {ratio}. Statistically significant: {significant}."


def unknown_sentence(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say what people of unknown ethnicity could do to the ratio; empty where there are none."""
    if isinstance(indicator, Share) and indicator.of == "unknown":
        return ""
    if row.unknown_base_status:
        whom = PERSON_QUARTERS if isinstance(indicator, Rate) else "people"
        return f"The number of {whom} of unknown ethnicity is not shown {row.unknown_base_status}."
    if not row.unknown_base:
        return ""
    count = f"{wording.about}{number(row.unknown_base)}"
    if isinstance(indicator, Share):
        share = share_words(indicator, wording)
        return (
            f"{sentence_case(count)} of {label(row.group)} were of unknown ethnicity. They stay in the base, "
            f"outside the {share[:1].lower()}{share[1:]}."
        )
    low, high = row.ratio_low_unknown, row.ratio_high_unknown
    who = f"all those of unknown ethnicity ({count})"
    if isinstance(indicator, Rate):
        # The base is summed over the staff lists of the window: most people stand in several.
        count += f" {PERSON_QUARTERS} (one for each person in each quarter's staff list)"
        who = f"all {count} of unknown ethnicity"
    if low is None or high is None:
        return f"{sentence_case(count)} were of unknown ethnicity and are in neither group."
    ends = _ends_by_scenario(row, indicator)
    if ends is None:
        said = (
            f"If {who} were in one of the two groups, "
            f"the ratio would be at the lowest {ratio_words(low)} and at the highest {ratio_words(high)}."
        )
    else:
        said = (
            f"If {who} were {label(row.reference_group)}, "
            f"the ratio would be {ratio_words(ends[0])}; "
            f"if all were {label(row.group)}, {ratio_words(ends[1])}."
        )
    return f"{said} That range crosses 1." if low < 1 < high else said


def parity_words(row: Estimate) -> str:
    """Say how many outcomes equal values would have moved; empty where it was not computed."""
    if row.parity is None:
        return ""
    sizes = sorted(
        {abs(end) for end in row.parity} | ({0} if min(row.parity) < 0 < max(row.parity) else set())
    )
    if sizes == [0]:
        return "None: the values were as equal as whole people allow."
    people = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return (
        f"{people} would have had to go the other way for equal rates, with the total as it was. "
        "For monitoring; not a quota."
    )


def status_sentence(marker: str, reason: str = "") -> str:
    """Say why a row has no figure, by its marker and what more is known."""
    if marker == ABSENT and reason == "not agreed":
        return "Not shown [x]: those it is about have not agreed to figures about them."
    if marker == ABSENT and reason:
        received = "were received" if reason.endswith(" quarters") else ""
        return f"Not available [x]: {reason} {received}".strip() + "."
    if reason:
        return sentence_case(f"{marker} {reason.removesuffix('.')}.".strip())
    return {
        "": "Not available [x].",
        HIDDEN: "Not shown [c]: too few people to show it without a risk to them.",
        UNRELIABLE: "Not shown [u]: too few people to tell.",
        ABSENT: "Not available [x].",
        NOT_APPLICABLE: "Not applicable [z].",
    }[marker]


def _strength(evidence: str) -> int:
    return _STRENGTH.index(evidence) if evidence in _STRENGTH else len(_STRENGTH)


def _who(group: str, indicator: Indicator) -> str:
    return f"{label(group)} {indicator.base_words}"


def both_sides(row: Estimate, indicator: Indicator) -> tuple[str, str]:
    """Return the group above the line of the ratio and the one below."""
    sides = (label(row.reference_group), label(row.group))
    return sides if indicator.ratio_of == "reference/group" else (sides[1], sides[0])


def _higher(row: Estimate) -> str:
    """Return the group with the higher value, empty where they are the same or one is not told."""
    if row.reference_value is None or row.group_value is None or row.reference_value == row.group_value:
        return ""
    return label(row.reference_group if row.reference_value > row.group_value else row.group)


def _more(group: str, indicator: Indicator) -> str:
    if isinstance(indicator, Share):
        return f"the share was higher for {group}"
    if unit_of(indicator) == "percent":
        return f"{_who(group, indicator)} were more likely"
    return f"it was higher for {_who(group, indicator)}"


def _no_figure(what: str, marker: str) -> str:
    """Say that there is no figure: nobody to count, which is no secret, or one that is not shown."""
    return (
        f" There is no {what}, as nobody is counted [z]."
        if marker == NOT_APPLICABLE
        else f" The {what} is not shown {marker}."
    )


def _groups(row: Estimate) -> tuple[tuple[str, Number, str], ...]:
    """Return name, value and marker of the reference group and of the group."""
    otherwise = row.marker or NOT_APPLICABLE
    return (
        (
            row.reference_group,
            row.reference_value,
            row.reference_events_status or row.reference_base_status or otherwise,
        ),
        (row.group, row.group_value, row.group_events_status or row.group_base_status or otherwise),
    )


def _shares(row: Estimate, indicator: Share, wording: Wording) -> str:
    if not row.reference_group:
        counts = ""
        if row.group_events is not None and row.group_base is not None:
            counts = f" ({wording.about}{number(row.group_events)} of {number(row.group_base)})"
        here = sentence_case(figure(row.group_value, indicator, wording))
        return f"{here} of {indicator.base_words} {indicator.event_words}{counts}."
    said = [
        f"{figure(value, indicator, wording)} of {label(group)}"
        for group, value, _ in reversed(_groups(row))
        if value is not None
    ]
    hidden = [
        _no_figure(f"share of {label(group)}", marker)
        for group, value, marker in _groups(row)
        if value is None
    ]
    said[0] = f"{said[0]} {indicator.event_words}"
    if indicator.value is not None and len(said) == 2:
        beside = figure(row.reference_value, indicator, wording)
        return f"{sentence_case(said[0])}, who were {beside} of {label(row.reference_group)}."
    return sentence_case(", beside ".join(said)) + "." + "".join(hidden)


def _points_apart(row: Estimate, wording: Wording) -> str:
    decimals = wording.percent_decimals
    points = written(abs(row.difference or 0), decimals)
    if float(points) == 0:
        return ""
    return f"{points} percentage {points_words(points)} apart"


def _seen_and_expected(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say what was seen in the group beside what equal chances would have given, from the counts as shown."""
    if unit_of(indicator) != "percent" or isinstance(indicator, Share):
        return ""
    counts = (row.reference_events, row.reference_base, row.group_events, row.group_base)
    if any(count is None for count in counts) or not (row.reference_base and row.group_base):
        return ""
    x1, n1, x2, n2 = (float(count or 0) for count in counts)
    if x1 > n1 or x2 > n2:
        return ""
    expected = float(expected_at_equal_chances(x1, n1, x2, n2))
    return (
        f" {sentence_case(wording.about)}{number(x2)} of {number(n2)} {_who(row.group, indicator)} "
        f"{indicator.event_words}; equal chances would give about {number(expected)}."
    )


def expected_at_the_others_rate(row: Estimate) -> float | None:
    """Return the hidden events the group would have at the reference group's rate, where that and its base are told."""
    counts = (row.reference_events, row.reference_base, row.group_base)
    # Limits are told where every hidden count is a small one.
    small = row.status == row.group_events_status == HIDDEN and row.ratio_low is not None
    if not small or any(count is None for count in counts) or not row.reference_base:
        return None
    return float(row.reference_events or 0) * float(row.group_base or 0) / float(row.reference_base)


def _bounded(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Say that a hidden count is below what the other group's rate would give, where it is."""
    expected = expected_at_the_others_rate(row)
    of_chance = unit_of(indicator) == "percent" and not isinstance(indicator, Share)
    if not of_chance or expected is None or expected < wording.threshold + 1:
        return ""
    return (
        f"Fewer than {number(wording.threshold)} of {wording.about}{number(row.group_base or 0)} "
        f"{_who(row.group, indicator)} {indicator.event_words}; equal chances would give about {number(expected)}."
    )


def _says_nothing(row: Estimate) -> bool:
    """Whether the interval of a ratio holds every ratio that there is."""
    return row.ratio_low == 0 and row.ratio_high is not None and math.isinf(row.ratio_high)


def _ends_by_scenario(row: Estimate, indicator: Indicator) -> tuple[float, float] | None:
    """Return the told ends as (all the unknown in the reference group, all in the other).

    None where the counts as shown do not give those ends: over protected counts the ends are wider.
    """
    counts = (
        row.reference_events,
        row.reference_base,
        row.group_events,
        row.group_base,
        row.unknown_events,
        row.unknown_base,
    )
    if any(count is None for count in counts):
        return None
    x1, n1, x2, n2, x0, n0 = (float(count or 0) for count in counts)
    if min(x1, n1, x2, n2) <= 0:
        return None
    scenarios = (((x1 + x0) / (n1 + n0)) / (x2 / n2), (x1 / n1) / ((x2 + x0) / (n2 + n0)))
    if indicator.ratio_of == "group/reference":
        scenarios = (1 / scenarios[0], 1 / scenarios[1])
    ends = (row.ratio_low_unknown or 0, row.ratio_high_unknown or 0)
    if scenarios[0] > scenarios[1]:
        ends = (ends[1], ends[0])
    close = all(abs(told - found) < _SAME_RATIO for told, found in zip(ends, scenarios, strict=True))
    return ends if close else None
