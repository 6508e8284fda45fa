"""Sentences in house style, generated from a row of the estimates and its indicator."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from dataclasses import dataclass

import pandas as pd

from disparity.audiences import Audience
from disparity.catalogue import Catalogue
from disparity.catalogue.deliveries import is_held, is_of_a_survey
from disparity.catalogue.indicators import Indicator, Rate, Share
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.policies import Policy
from disparity.catalogue.style import HouseStyle
from disparity.datasets import DATASETS
from disparity.periods import Quarter, words_of_span
from disparity.rounding import half_up, written
from disparity.statistics.effect import expected_at_equal_chances
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.table import Estimate, Number, decimals_of, rows_of, unit_of

MARKERS = (
    ("[c]", "Confidential: hidden so that nobody can be identified. Hidden is not nought."),
    ("[u]", "Too few people to tell: the figure would be too uncertain to use."),
    (
        "[x]",
        "Not available: the extract, a part or a column of it is missing, or those it is about have not agreed.",
    ),
    ("[z]", "Not applicable: nothing is compared there, or there is nobody to count."),
    ("[r]", "Revised since it was first published."),
)
PERSON_QUARTERS = "person-quarters"
"""What the base of a rate is counted in."""

_STRENGTH = (CLEAR, SOME, NO_MATERIAL_DISPARITY, TOO_FEW)
# Two scenarios explain a range of ratios when they land on its ends at the decimals it is told with.
_SAME_RATIO = 0.011


@dataclass(frozen=True)
class Wording:
    """How one audience is told figures: house style, decimals of percentages, rounding of counts."""

    style: HouseStyle
    organisation: Organisation
    percent_decimals: int
    rounded_to: int
    threshold: int
    """Below it a count may be hidden, however sensitive."""

    @property
    def about(self) -> str:
        """The word before a rounded count, with its blank; nothing where counts are exact."""
        return "about " if self.rounded_to > 1 else ""


def wording_for(catalogue: Catalogue, audience: Audience) -> Wording:
    """Return how the policy of an audience words its figures; an analyst sees exact counts."""
    organisation = catalogue.organisation
    policy: Policy | None = None
    if audience != "analyst":
        policy = catalogue.policies[organisation.audiences[audience]]
    return Wording(
        style=catalogue.house_style,
        organisation=organisation,
        percent_decimals=2 if policy is None else policy.percent_decimals,
        rounded_to=1 if policy is None else policy.round_to,
        threshold=1 if policy is None else policy.greatest_threshold,
    )


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
        said = (status_sentence(row.status), bounds_sentence(row, indicator, wording))
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
    first, second = _sides(row, indicator)
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
    if not row.people_to_parity:
        return ""
    ends = [int(end) for end in row.people_to_parity.split(" to ")]
    sizes = sorted({abs(end) for end in ends} | ({0} if min(ends) < 0 < max(ends) else set()))
    if sizes == [0]:
        return "None: the values were as equal as whole people allow."
    people = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return (
        f"{people} would have had to go the other way for equal rates, with the total as it was. "
        "For monitoring; not a quota."
    )


def status_sentence(status: str) -> str:
    """Say why a row has no figure."""
    marker, _, rest = status.partition(" ")
    if marker == "[x]" and rest == "not agreed":
        return "Not shown [x]: those it is about have not agreed to figures about them."
    if marker == "[x]" and rest:
        received = "were received" if rest.endswith(" quarters") else ""
        return f"Not available [x]: {rest} {received}".strip() + "."
    return {
        "": "Not available [x].",
        "[c]": "Not shown [c]: too few people to show it without a risk to them.",
        "[u]": "Not shown [u]: too few people to tell.",
        "[x]": "Not available [x].",
        "[z]": "Not applicable [z].",
    }.get(status, sentence_case(status if status.endswith(".") else f"{status}."))


def message_title(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Return a chart's message in ten words or fewer."""
    if not row.told:
        return "Not shown this quarter"
    if isinstance(indicator, Share):
        return _share_title(row, indicator, wording)
    values = ", ".join(
        f"{group} {figure(value, indicator, wording)}"
        for group, value in ((row.reference_group, row.reference_value), (row.group, row.group_value))
        if value is not None
    )
    candidates = (
        [f"{sentence_case(row.evidence)}: {values}"]
        if row.evidence and row.evidence not in (CLEAR, SOME)
        else []
    )
    if row.evidence in (CLEAR, SOME) and row.ratio is not None and math.isfinite(row.ratio):
        first, second = _sides(row, indicator)
        lead = "Clear evidence" if row.evidence == CLEAR else "Some evidence"
        candidates.append(f"{lead}: {first} {times(row.ratio, indicator)} as {second}")
        candidates.append(f"{lead}: {values}")
    return short_title(
        *candidates, sentence_case(values), sentence_case(row.evidence or "This quarter's figures")
    )


def short_title(*candidates: str) -> str:
    """Return the first candidate of ten words or fewer; the last one cut to ten where none is."""
    for candidate in candidates:
        if len(candidate.split()) <= 10:
            return candidate
    return " ".join(candidates[-1].split()[:10])


def figure(value: Number, indicator: Indicator, wording: Wording) -> str:
    """Write a value in its unit, such as ``21%``, ``£120`` or ``3.40 points``; a marker if there is none."""
    if value is None:
        return "[z]"
    decimals = decimals_of(indicator, wording.percent_decimals)
    match unit_of(indicator):
        case "percent":
            return _percent(value, decimals)
        case "pounds":
            return f"£{written(value, thousands=True)}"
        case "rate":
            return written(value, decimals, thousands=True)
        case unit:
            return f"{written(value, decimals, thousands=True)} {unit}"


def difference_words(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Write the difference with its unit and interval; empty where there is none."""
    if row.difference is None:
        return ""
    decimals = decimals_of(indicator, wording.percent_decimals)
    size = written(abs(row.difference), decimals, thousands=True)
    unit = {"percent": f" percentage {_points(size)}", "rate": " a year per 100", "pounds": ""}.get(
        unit_of(indicator), f" {unit_of(indicator)}"
    )
    sign = "£" if unit_of(indicator) == "pounds" else ""

    def signed(value: float) -> str:
        return f"{_minus(value, decimals)}{sign}{written(abs(value), decimals, thousands=True)}"

    limits = (
        ""
        if row.difference_low is None or row.difference_high is None
        else (f" ({signed(row.difference_low)} to {signed(row.difference_high)})")
    )
    return f"{signed(row.difference)}{unit}{limits}"


def ratio_words(ratio: float) -> str:
    """Write a ratio with two decimals, never as a percentage; ``no upper limit`` where it is infinite."""
    return "no upper limit" if math.isinf(ratio) else written(ratio, 2)


def interval(low: Number, high: Number) -> str:
    """Write the interval of a ratio: ``1.31 to 2.11``, or ``1.31 upwards`` where it has no upper limit."""
    if low is None:
        return ""
    lower = written(low, 2)
    return f"{lower} upwards" if high is None or math.isinf(high) else f"{lower} to {written(high, 2)}"


def times(ratio: float, indicator: Indicator) -> str:
    """Write a ratio in words: ``1.5 times as likely``, or ``1.5 times as high`` for what is no chance."""
    words = times_as_likely(ratio)
    likely = unit_of(indicator) == "percent" and not isinstance(indicator, Share)
    return words if likely else words.replace("as likely", "as high")


def number(count: float) -> str:
    """Write a count with thousands separated."""
    return written(count, thousands=True)


def period_words(row: Estimate, indicator: Indicator) -> str:
    """Write when a row is about: as `when_words`, and of a survey what time it asked about."""
    asked = indicator.asks_about if is_survey(row, indicator) else None
    return when_words(row, indicator) + (f", about {label(asked)}" if asked else "")


def when_words(row: Estimate, indicator: Indicator) -> str:
    """Write when a row is about: its window, its survey, or its end for staff in post, who are counted there."""
    last = quarter_ending(row.period_end)
    if is_survey(row, indicator):
        return survey_words(last, indicator)
    if is_snapshot(indicator):
        return f"end of {last.last_month}"
    return words_of_span(Quarter.from_key(row.period_start).start, last.end)


def survey_words(held: Quarter, indicator: Indicator) -> str:
    """Name the survey of an indicator that was held in a quarter, such as ``survey of autumn 2025``."""
    return f"{DATASETS[indicator.dataset].called} of {held.season}"


def no_new_survey(row: Estimate, indicator: Indicator) -> str:
    """Say that the quarter brought no survey of its own; empty where it did, and of what is of no survey."""
    if not is_survey(row, indicator) or quarter_ending(row.period_end).key == row.quarter:
        return ""
    return f"No new {DATASETS[indicator.dataset].called} this quarter."


def is_survey(row: Estimate, indicator: Indicator) -> bool:
    """Whether a row is of one survey, and not of a window or of one that lacks its survey."""
    return is_of_a_survey(indicator) and is_held(row.quarters, row.status)


def quarter_ending(day: str) -> Quarter:
    """Return the quarter that ends on a day of the form ``2026-09-30``."""
    return Quarter.holding(dt.date.fromisoformat(day))


def then_words(of: str, indicator: Indicator) -> str:
    """Write the earlier period that an analysis names by its first and last day: a window, or a survey."""
    start, end = of.split(" to ")
    first, last = Quarter.from_key(start), quarter_ending(end)
    if is_of_a_survey(indicator) and first == last:
        return f"the {survey_words(last, indicator)}"
    return words_of_span(first.start, last.end)


def end_words(quarter: Quarter, indicator: Indicator) -> str:
    """Name one figure of a series in two words: by the month its period ends with, or the season of its survey."""
    return quarter.season if is_of_a_survey(indicator) else quarter.last_month


def is_snapshot(indicator: Indicator) -> bool:
    """Whether an indicator describes the staff in post on the last day of its window."""
    return isinstance(indicator, Share) and indicator.dataset == "staff_in_post" and indicator.value is None


def level_words(breakdown: str, level: str, style: HouseStyle) -> str:
    """Return the words of a level, without marks that would turn the text around it."""
    return label(style.levels.get(breakdown, {}).get(level, level))


def label(text: str) -> str:
    """Return a name without control and formatting characters, such as marks that reverse what follows."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Cs")).strip()


def share_words(indicator: Share, wording: Wording) -> str:
    """Return whose share it is, such as ``Ethnic minority share``."""
    if indicator.of == "unknown":
        return "Unknown ethnicity"
    return f"{sentence_case(wording.style.groups['ethnic_minority'])} share"


def sentence_case(text: str) -> str:
    """Return the text with its first letter large, the rest as it was."""
    return text[:1].upper() + text[1:]


def _strength(evidence: str) -> int:
    return _STRENGTH.index(evidence) if evidence in _STRENGTH else len(_STRENGTH)


def _percent(value: float, decimals: int) -> str:
    """Write a percentage; one that is not 0 or 100 never rounds to it."""
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"less than {least:.{decimals}f}%"
    if 100 - least / 2 < value < 100:
        return f"more than {100 - least:.{decimals}f}%"
    return f"{written(value, decimals)}%"


def _minus(value: float, decimals: int) -> str:
    return "\u2212" if half_up(value, decimals) < 0 else ""


def _who(group: str, indicator: Indicator) -> str:
    return f"{label(group)} {indicator.base_words}"


def _sides(row: Estimate, indicator: Indicator) -> tuple[str, str]:
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
        if marker == "[z]"
        else f" The {what} is not shown {marker}."
    )


def _groups(row: Estimate) -> tuple[tuple[str, Number, str], ...]:
    """Return name, value and marker of the reference group and of the group."""
    otherwise = row.status.split(" ")[0] or "[z]"
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
    return f"{points} percentage {_points(points)} apart"


def _points(written: str) -> str:
    return "point" if written == "1" else "points"


def _share_title(row: Estimate, indicator: Share, wording: Wording) -> str:
    whom = share_words(indicator, wording).removesuffix(" share")
    here = figure(row.group_value, indicator, wording)
    if not row.reference_group or row.reference_value is None or row.group_value is None:
        return short_title(f"{here} of {indicator.base_words} {indicator.event_words}", f"{whom}: {here}")
    beside = figure(row.reference_value, indicator, wording)
    return short_title(
        f"{whom}: {here} of {label(row.group)}, {beside} of {label(row.reference_group)}",
        f"{whom}: {here}, beside {beside} of {label(row.reference_group)}",
        f"{whom}: {here} beside {beside}",
    )


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
    small = row.status == row.group_events_status == "[c]" and row.ratio_low is not None
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


def times_as_likely(ratio: float) -> str:
    """Return a ratio as the words before "as": "1.5 times as likely", or "as likely" where it rounds to 1.

    Two decimals below 10 with no trailing noughts, whole numbers from 10. Never a percentage. Raises
    ValueError where the ratio is negative, NaN or infinite: then give the counts instead.
    """
    if not (math.isfinite(ratio) and ratio >= 0):
        raise ValueError("ratio must be finite and not negative")
    if 0 < ratio < 0.01:
        return "less than 0.01 times as likely"
    figure = written(ratio) if ratio >= 9.995 else written(ratio, 2).rstrip("0").rstrip(".")
    return "as likely" if figure == "1" else f"{figure} times as likely"
