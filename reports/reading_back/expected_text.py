"""Origins: the numbers that follow from the rows of a release, in the forms in which a report may write them.

Derived here from the rows' own fields, so that `reports.reading_back.files` compares what stands in a finished file
with the release and not with the sentences it was written by. What a place may say is a list of texts in the order in
which it tells them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from disparity.analyses import (
    CHANGE,
    CONTROL,
    DETECTABLE,
    MIX_AND_RATE,
    RATIO,
    STAGE,
    STANDARDISED,
    THEN,
    WITHIN_STRATA,
)
from disparity.catalogue import Catalogue
from disparity.catalogue.commentary import SLOT
from disparity.catalogue.deliveries import is_of_single_quarters
from disparity.catalogue.indicators import COMPARISONS, Indicator, Rate, Share
from disparity.catalogue.policies import Policy
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.rounding import half_up, written
from disparity.rows import Estimate, Line, Number
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, TOO_FEW
from reports.release.analyses import lines_of
from reports.release.estimates import rows_of, unit_of
from reports.release.frozen import Release
from reports.wording.numbers import label
from reports.wording.periods import is_survey, period_words, then_words, when_words
from reports.wording.targets import Standing, standing_of

MARKERS = ("[c]", "[u]", "[x]", "[z]")
_MINUS = "\u2212"
# A sign, a currency and a percent sign belong to their number; so do numerals that are no decimal digits, such as a half.
_NUMBER = re.compile(
    f"{_MINUS}?£?\\d(?:[\\d,]*\\d)?(?:\\.\\d+)?%?"
    "|[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u218b\u2460-\u249b\u24ea-\u24ff]"
)
_QUARTERS_RECEIVED = re.compile(r"\d of \d quarters")
_LACKED = re.compile(r"has no '(\w+)'")
_VALUES = ("reference_value", "group_value")

Texts = Sequence[str]


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text as they are written."""
    return _NUMBER.findall(text)


def strays(text: str, origins: Iterable[str]) -> int:
    """Return how many numbers of a text are not told by its origins, taken in their order."""
    told = [number for origin in origins for number in numbers_in(origin)]
    at = found = 0
    for number in numbers_in(text):
        if number in told[at:]:
            at = told.index(number, at) + 1
        else:
            found += 1
    return found


def without(text: str, phrases: Iterable[str]) -> str:
    """Return a text without the phrases in it that hold a number: words of the catalogue such as ``Band 8a``.

    A phrase without a letter stays: as words it would explain any count that is written like it.
    """
    if not numbers_in(text):
        return text
    held = {each for phrase in phrases if numbers_in(phrase) for each in (phrase, label(phrase))}
    kept = sorted((each for each in held if re.search(r"[^\W\d_]", each)), key=len, reverse=True)
    if not kept:
        return text
    pattern = "|".join(re.escape(phrase) for phrase in kept)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", " ", text, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Origins:
    """A release by its places: rows by indicator, breakdown and level, history by its end, lines by indicator."""

    release: Release
    catalogue: Catalogue

    @cached_property
    def levels(self) -> Mapping[tuple[str, str], Mapping[str, Estimate]]:
        """The rows of the quarter by indicator and breakdown, each by its level."""
        found: dict[tuple[str, str], dict[str, Estimate]] = {}
        for row in rows_of(self.release.estimates):
            found.setdefault((row.indicator, row.breakdown), {})[row.level] = row
        return found

    @cached_property
    def history(self) -> Mapping[str, Mapping[str, Estimate]]:
        """The rows of the whole organisation by indicator, each by the end of its period, oldest first."""
        found: dict[str, dict[str, Estimate]] = {}
        for row in sorted(rows_of(self.release.history), key=lambda each: each.period_end):
            if row.breakdown == "all":
                found.setdefault(row.indicator, {})[row.period_end] = row
        return found

    @cached_property
    def lines(self) -> Mapping[str, Sequence[Line]]:
        """The analyses by indicator."""
        found: dict[str, list[Line]] = {}
        for line in lines_of(self.release.analyses):
            found.setdefault(line.indicator, []).append(line)
        return found

    @cached_property
    def percent_decimals(self) -> int:
        """The decimals of a percentage by the audience's policy."""
        if self.release.audience == "analyst":
            return 2
        return self._policy.percent_decimals

    @property
    def _policy(self) -> Policy:
        """The policy of an audience that is no analyst."""
        return self.catalogue.policies[self.catalogue.organisation.audiences[self.release.audience]]  # type: ignore[index]

    def whole(self, name: str) -> Estimate | None:
        """Return an indicator's row for the whole organisation."""
        return next(iter(self.levels.get((name, "all"), {}).values()), None)

    @property
    def surveys(self) -> set[str]:
        """The names of the surveys that this quarter's rows are of."""
        wholes = ((self.whole(name), indicator) for name, indicator in self.catalogue.indicators.items())
        return {when_words(row, each) for row, each in wholes if row is not None and is_survey(row, each)}

    def series(self, name: str) -> list[Estimate]:
        """Return an indicator's rows for the whole organisation up to this quarter, oldest first."""
        now = self.whole(name)
        if now is None:
            return []
        earlier = self.history.get(name, {})
        rows = {end: row for end, row in earlier.items() if end <= now.period_end} | {now.period_end: now}
        return [row for _, row in sorted(rows.items())]

    def bands(self, name: str) -> list[Estimate]:
        """Return an indicator's rows by band in the organisation's order, what is not listed last."""
        order = {band: place for place, band in enumerate(self.catalogue.organisation.lists.band)}
        rows = self.levels.get((name, "band"), {}).values()
        return sorted(rows, key=lambda row: (order.get(row.level, len(order)), row.level))

    @cached_property
    def comparisons(self) -> Sequence[Estimate]:
        """The headlines' rows of which a ratio above 1, told or bounded, says that the group fares less well."""
        rows = [
            row
            for name, each in self.catalogue.indicators.items()
            if each.headline and each.above_1_is_less_well and (row := self.whole(name)) is not None
        ]
        told = [row for row in rows if (bounded(row) if row.ratio is None else math.isfinite(row.ratio))]
        return told if len([row for row in told if row.ratio is not None]) > 1 else []

    def control(self, name: str) -> Line | None:
        """Return the limits that single quarters of an indicator are held against, where they share nobody."""
        if not is_of_single_quarters(self.catalogue.indicators[name]):
            return None
        return next((line for line in self.lines.get(name, ()) if line.analysis == CONTROL), None)

    def run_of(self, name: str) -> list[float]:
        """Return the ratios that an indicator's quarters tell, oldest first."""
        return [row.ratio for row in self.series(name) if row.ratio is not None and math.isfinite(row.ratio)]

    def steps(self, name: str) -> list[tuple[str, Estimate]]:
        """Return an indicator's stages and last itself, by what a chart calls them; none where one has no row."""
        indicators = self.catalogue.indicators
        stages = getattr(indicators[name], "stages", ())
        titled = [
            *((indicators[each].title, each) for each in stages),
            (f"All stages: {indicators[name].title}", name),
        ]
        rows = [(label(title), self.whole(each)) for title, each in titled if stages]
        told = [(title, row) for title, row in rows if row is not None]
        return told if len(told) == len(rows) else []

    def phrases(self, name: str) -> Iterator[str]:
        """Return the words an indicator's card may use, which may hold numbers of their own."""
        indicator, style = self.catalogue.indicators[name], self.catalogue.house_style
        yield from (indicator.title, indicator.question, indicator.base_words, indicator.event_words)
        if isinstance(indicator, Share):
            yield from (indicator.part_words or "", indicator.rest_words)
        rows = [*self.levels.get((name, "all"), {}).values(), *self.history.get(name, {}).values()]
        for row in rows:
            yield from (
                row.reference_group,
                row.group,
                period_words(row, indicator),
                when_words(row, indicator),
            )
        yield from (*style.groups.values(), *style.breakdowns.values())

    def chart_phrases(self, name: str) -> Iterator[str]:
        """Return the words a chart may use: those of the card, bands and stages; of comparisons, those of all."""
        if name == COMPARISONS:
            yield from (each.title for each in self.catalogue.indicators.values())
            yield from self.catalogue.house_style.groups.values()
            return
        yield from self.phrases(name)
        yield from (title for title, _ in self.steps(name))
        yield from (self.level_words(row) for row in self.bands(name))

    # -------------------------------------------------------------- forms

    def value(self, value: Number, indicator: Indicator) -> str:
        """Write a value in its unit, a percentage with the decimals of the policy; "" where there is none."""
        if value is None:
            return ""
        match unit_of(indicator):
            case "percent":
                return self._percentage(value)
            case "pounds":
                return f"£{written(value, thousands=True)}"
            case "rate":
                return written(value, 1, thousands=True)
            case unit:
                return f"{written(value, 1 if unit == 'hours' else 2, thousands=True)} {unit}"

    def _percentage(self, value: float) -> str:
        """Write a percentage; one that is neither 0 nor 100 never rounds to it."""
        decimals = self.percent_decimals
        least = 10.0**-decimals
        if 0 < value < least / 2:
            return f"less than {least:.{decimals}f}%"
        if 100 - least / 2 < value < 100:
            return f"more than {100 - least:.{decimals}f}%"
        return f"{written(value, decimals)}%"

    def difference(self, value: Number, indicator: Indicator) -> str:
        """Write a difference with its sign and without its unit."""
        if value is None:
            return ""
        unit = unit_of(indicator)
        decimals = {"pounds": 0, "hours": 1, "points": 2, "rate": 1}.get(unit, self.percent_decimals)
        sign = _MINUS if half_up(value, decimals) < 0 else ""
        return f"{sign}{'£' if unit == 'pounds' else ''}{written(abs(value), decimals, thousands=True)}"

    # -------------------------------------------------------------- what sentences may tell

    def status(self, status: str) -> Texts:
        """Return what a status may tell: how many quarters of how many were received, and columns that a dataset lacks."""
        return [
            *_QUARTERS_RECEIVED.findall(status),
            *(column for column in _LACKED.findall(status) if column in self._columns),
        ]

    @cached_property
    def _columns(self) -> frozenset[str]:
        vocabulary = vocabulary_of(self.catalogue)
        return frozenset(name for each in DATASETS.values() for name in each.columns(vocabulary))

    def finding(self, row: Estimate) -> Texts:
        """Return what the sentence of a finding may tell: the values, their comparison, its interval."""
        indicator = self.catalogue.indicators[row.indicator]
        limits = limits_text(row.ratio_low, row.ratio_high)
        if not row.told:
            return [*self.status(row.status), limits, *self._bounded(row)]
        values = [self.value(getattr(row, each), indicator) for each in _VALUES]
        apart = self.difference(None if row.difference is None else abs(row.difference), indicator)
        if isinstance(indicator, Share):
            counts = [] if row.reference_group else [count_text(row.group_events), count_text(row.group_base)]
            return [*values[::-1], *counts, times_text(row.ratio), "95%", limits, apart]
        return [*values, times_text(row.ratio), "95%", limits]

    def _bounded(self, row: Estimate) -> Texts:
        """Return what may be told of a hidden count that is below what the other group's rate would give."""
        counts = (row.reference_events, row.reference_base, row.group_base)
        x1, n1, n2 = (math.nan if count is None else count for count in counts)
        if not n1 > 0 or math.isnan(x1 * n2) or self.release.audience == "analyst":
            return []
        expected = x1 * n2 / n1
        threshold = self._policy.greatest_threshold
        return [] if expected < threshold + 1 else [str(threshold), count_text(n2), count_text(expected)]

    def evidence(self, row: Estimate) -> Texts:
        """Return what the sentence of the evidence may tell: the margin, or events seen and expected."""
        if row.evidence == NO_MATERIAL_DISPARITY:
            low, high = self.catalogue.indicators[row.indicator].margin
            return [limits_text(low, high)]
        if row.evidence == TOO_FEW:
            return [count_text(row.group_events), count_text(row.group_base), *_expected(row)]
        return []

    def facts(self, name: str) -> dict[str, Texts]:
        """Return what each fact of a card may tell, by its heading; that of the ratio goes on to say of what."""
        row, indicator = self.whole(name), self.catalogue.indicators[name]
        if row is None:
            return {}
        ends = [*(row.parity or ())]
        least = 0 if ends and min(ends) < 0 < max(ends) else min(map(abs, ends), default=0)
        unknown = [ratio_text(end) for end in (row.ratio_low_unknown, row.ratio_high_unknown)]
        per_year = ["100"] if isinstance(indicator, Rate) else []
        differences = (row.difference, row.difference_low, row.difference_high)
        size, *limits = (self.difference(each, indicator) for each in differences)
        facts: dict[str, Texts] = {
            "Ratio": [ratio_text(row.ratio), limits_text(row.ratio_low, row.ratio_high)],
            "Difference": [size, *per_year, *limits],
            "Flags": ["0.80 to 1.25"],
            "People to parity": [str(each) for each in (least, max(map(abs, ends), default=0))]
            if ends
            else [],
            # Either scenario may be named first; the last is that of "crosses 1".
            "Unknown ethnicity": [count_text(row.unknown_base), *unknown, unknown[0], "1"],
        }
        return facts | self._target(name) | dict(self._behind(name))

    def standing(self, name: str) -> Standing | None:
        """Return where an indicator stands on the path to its target."""
        indicator = self.catalogue.indicators[name]
        return standing_of(self.catalogue.targets.get(name), indicator, self.series(name))

    def _target(self, name: str) -> dict[str, Texts]:
        """Return what may be told of a target: its value and date, the start, the path, the figure, people between."""
        standing, indicator = self.standing(name), self.catalogue.indicators[name]
        if standing is None:
            return {}
        goal, begun, path, reached = (
            self.value(each, indicator)
            for each in (standing.goal, standing.begun, standing.path_now, standing.reached)
        )
        by = Quarter.holding(standing.target.by).words
        people = [str(standing.people_apart), count_text(standing.now.group_base)]
        return {"Target": [goal, by, begun, period_words(standing.start, indicator), path, reached, *people]}

    def _behind(self, name: str) -> Iterator[tuple[str, Texts]]:
        """Yield what the facts behind a comparison may tell: of their own lines alone."""
        lines, breakdowns = self.lines.get(name, ()), self.catalogue.house_style.breakdowns
        headings = {
            CHANGE: "Change",
            WITHIN_STRATA: "Within the same shortlist",
            DETECTABLE: "Could have been seen",
            CONTROL: "Single quarters",
        }
        for analysis, heading in headings.items():
            of = [line for line in lines if line.analysis == analysis]
            if of:
                yield heading, [text for line in of for text in self._line(line)]
        for line in lines:
            if line.analysis == STANDARDISED:
                words = breakdowns.get(line.of, line.of)
                split = [each for each in lines if each.analysis == MIX_AND_RATE and each.of == line.of]
                # What would remain is told before what the mix adds.
                points = [
                    points_text(each.value) for each in sorted(split, key=lambda each: each.figure != "rate")
                ]
                yield f"Within the same {words[:1].lower()}{words[1:]}", [*self._line(line), *points]

    def _line(self, line: Line) -> Texts:
        """Return what the sentence about one line may tell, in its order."""
        value, limits = ratio_text(line.value), limits_text(line.low, line.high)
        match line.analysis:
            case _ if line.analysis == CHANGE and line.figure == THEN:
                return [then_words(line.of, self.catalogue.indicators[line.indicator]), value]
            case _ if line.analysis == DETECTABLE:
                return [ratio_text(line.high), ratio_text(line.low)]
            case _ if line.analysis == CONTROL:
                return [line.of, line.words, ratio_text(line.low), ratio_text(line.high)]
            case _:
                return [value, limits]

    def view(self, name: str, words: str) -> Texts:
        """Return what may be told of what would change the view: of the unknown, or of what could have been seen.

        A comparison of like with like begins by saying so; its ratio and interval are those of one line.
        """
        if not words.startswith("Like with like"):
            facts = self.facts(name)
            return [*facts.get("Unknown ethnicity", []), *facts.get("Could have been seen", [])]
        alike = [each for each in self.lines.get(name, ()) if each.analysis in (WITHIN_STRATA, STANDARDISED)]
        told = [[ratio_text(each.value), "95%", limits_text(each.low, each.high)] for each in alike]
        return next((texts for texts in told if not strays(words, texts)), [])

    def last_told(self, name: str, end: str) -> Texts:
        """Return what may be told of an earlier quarter's figure, where it was the last that was told."""
        told = [row for row in self.history.get(name, {}).values() if row.told]
        if not told or told[-1].period_end != end:
            return []
        return [period_words(told[-1], self.catalogue.indicators[name]), *self.finding(told[-1])]

    def commentary(self, page: str) -> Texts:
        """Return what the slots of a page's commentary may tell, in their order."""
        commentary = self.release.commentary
        passages = [each for each in commentary.passages if each.page == page] if commentary else []
        slots = [slot for each in passages for slot in SLOT.findall(each.text)]
        return [text for slot in slots for text in self._slot(*slot)]

    def _slot(self, name: str, what: str) -> Texts:
        """Return what a slot may tell of an indicator."""
        row, indicator = self.whole(name), self.catalogue.indicators.get(name)
        if row is None or indicator is None:
            return []
        differences = (row.difference, row.difference_low, row.difference_high)
        size, *limits = (self.difference(each, indicator) for each in differences)
        told: Mapping[str, Texts] = {
            "title": [indicator.title],
            "period": [period_words(row, indicator)],
            "reference_value": [self.value(row.reference_value, indicator)],
            "group_value": [self.value(row.group_value, indicator)],
            "ratio": [ratio_text(row.ratio)],
            "times": [times_text(row.ratio)],
            "interval": [limits_text(row.ratio_low, row.ratio_high)],
            "difference": [size, *(["100"] if isinstance(indicator, Rate) else []), *limits],
        }
        return told.get(what, [])

    # -------------------------------------------------------------- what charts may tell

    def chart_title(self, name: str) -> Texts:
        """Return what a chart's message may tell: the ends of its bands, or its values, or how they compare."""
        if name == COMPARISONS:
            clear = [row for row in self.comparisons if row.evidence == CLEAR]
            return [str(len(clear)) if clear else "", str(len(self.comparisons))]
        row, indicator = self.whole(name), self.catalogue.indicators[name]
        if row is None:
            return []
        if self.control(name) is not None:
            return [ratio_text(row.ratio)]
        shares = [each.group_value for each in self.bands(name) if each.group_value is not None]
        ends = [min(shares), max(shares)] if shares else []
        values = [row.group_value, row.reference_value, row.group_value]
        return [*(self.value(each, indicator) for each in (*ends, *values)), times_text(row.ratio)]

    def chart_words(self, name: str, words: str) -> Texts:
        """Return what the words that stand in for a chart may tell: which chart it is, they begin with."""
        if name == COMPARISONS:
            of_rows = [ratio_cell_text(row) for row in self.comparisons]
            return [str(len(self.comparisons)), "95%", "1", "1", *self.chart_title(name), *of_rows]
        row, indicator = self.whole(name), self.catalogue.indicators[name]
        if row is None:
            return []
        said = [*self.finding(row), *self.evidence(row)]
        if words.startswith("Dot chart of bands"):
            bands = (
                text
                for each in self.bands(name)
                for text in (self.unlettered(each), self.value(each.group_value, indicator))
            )
            return [*self.finding(row), *bands]
        if words.startswith("Control chart"):
            run = self.run_of(name)
            mean = ratio_text(sum(run) / len(run))
            limits = self.facts(name).get("Single quarters", [])
            return [str(len(run)), ratio_text(row.ratio), period_words(row, indicator), mean, *limits]
        if words.startswith("Dot chart of stages"):
            stages = (
                text
                for _, each in self.steps(name)
                for text in (
                    *(self.value(getattr(each, side), indicator) for side in _VALUES),
                    ratio_text(each.ratio),
                )
            )
            return [*stages, *said]
        over_time = words.startswith("Line chart")
        series = self.series(name) if over_time else [row]
        told = [str(len(series))] if over_time else []
        for side in _VALUES:
            values = [getattr(each, side) for each in series if getattr(each, side) is not None]
            told += [self.value(each, indicator) for each in (values[:1] + values[-1:])]
        return [*told, *said, *(self._target(name).get("Target", []) if over_time else [])]

    def fares_less_well(self, where: str, group: str) -> str:
        """Write what a ratio above or below 1 says of a group."""
        return f"{where}: {self.catalogue.house_style.groups[group]} people fare less well."

    def unlettered(self, row: Estimate) -> str:
        """Return the words of a level that has no letter, such as band ``5``; "" for others."""
        words = self.level_words(row)
        return "" if re.search(r"[^\W\d_]", words) else words

    def level_words(self, row: Estimate) -> str:
        """Return the words of a row's level."""
        words = self.catalogue.house_style.levels.get(row.breakdown, {}).get(row.level, row.level)
        return label(words)


# ------------------------------------------------------------------ forms that need no policy


def count_text(count: Number) -> str:
    """Write a count with thousands separated; "" where there is none."""
    return "" if count is None else written(count, thousands=True)


def ratio_text(ratio: Number) -> str:
    """Write a ratio with two decimals; "" where there is none that has an end."""
    return "" if ratio is None or math.isinf(ratio) else written(ratio, 2)


def limits_text(low: Number, high: Number) -> str:
    """Write the ends of an interval; "" where there is none."""
    if low is None:
        return ""
    return f"{ratio_text(low)} to {ratio_text(high)}" if ratio_text(high) else f"{ratio_text(low)} upwards"


def ratio_cell_text(row: Estimate) -> str:
    """Write a ratio, or the marker in its place, with the ends of its interval."""
    ratio = ratio_text(row.ratio) if row.ratio is not None else row.marker or "[z]"
    limits = limits_text(row.ratio_low, row.ratio_high)
    return f"{ratio} ({limits})" if limits else ratio


def bounded(row: Estimate) -> bool:
    """Whether an interval leaves out any ratio that there is."""
    low, high = row.ratio_low, row.ratio_high
    return low is not None and (low > 0 or (high is not None and math.isfinite(high)))


def times_text(ratio: Number) -> str:
    """Write a ratio as it stands before "times as likely": without trailing noughts, whole from 10."""
    if ratio is None or math.isinf(ratio):
        return ""
    if 0 < ratio < 0.01:
        return "0.01"
    return written(ratio) if ratio >= 9.995 else written(ratio, 2).rstrip("0").rstrip(".")


def points_text(points: Number) -> str:
    """Write percentage points with one decimal and a sign."""
    return "" if points is None else written(points, 1).replace("-", _MINUS)


def part_text(part: Number) -> str:
    """Write the part of a whole as a percentage; the marker where there is none."""
    return "[z]" if part is None else f"{written(100 * part)}%".replace("-", _MINUS)


def stage_texts(lines: Sequence[Line], stage: str) -> tuple[str, str]:
    """Return a stage's ratio with its interval, and its part of the whole, as the table has them."""
    found = {line.figure == RATIO: line for line in lines if line.analysis == STAGE and line.of == stage}
    if True not in found:
        return "", ""
    ratio = found[True]
    part = found[False].value if False in found else None
    return f"{ratio_text(ratio.value) or '[z]'} ({limits_text(ratio.low, ratio.high)})", part_text(part)


def _expected(row: Estimate) -> Texts:
    """Return the events that equal chances would give the group, from the counts as shown."""
    counts = (row.reference_events, row.reference_base, row.group_events, row.group_base)
    x1, n1, x2, n2 = (math.nan if count is None else count for count in counts)
    if not n1 + n2 > 0:
        return []
    expected = n2 * (x1 + x2) / (n1 + n2)
    return [] if math.isnan(expected) else [count_text(expected)]
