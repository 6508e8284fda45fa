"""One indicator as a card of the page: its words, its figures as tables, and its breakdowns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from disparity.catalogue.deliveries import is_of_a_survey
from disparity.catalogue.indicators import BROAD_GROUP, Indicator, Rate, Share, broken_down_by
from disparity.ethnicity import BroadGroup
from disparity.markers import NOT_APPLICABLE
from disparity.rounding import written
from disparity.rows import Estimate, Line
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.pages.tables import Params, table
from reports.release.estimates import unit_of
from reports.wording.cells import (
    _PARTS,
    cell,
    ratio_cell,
    shape_of,
    side_cell,
    side_value,
)
from reports.wording.numbers import (
    Wording,
    difference_words,
    interval,
    label,
    level_words,
    ratio_words,
    sentence_case,
    share_words,
)
from reports.wording.periods import is_snapshot, no_new_survey, period_words, when_words
from reports.wording.release_view import Told
from reports.wording.sentences import (
    evidence_sentence,
    finding,
    flag_sentence,
    parity_words,
    unknown_sentence,
)
from reports.wording.supporting_facts import facts_of, stage_keys, stage_rows
from reports.wording.targets import target_words

_TAGS = {CLEAR: "red", SOME: "orange", NO_MATERIAL_DISPARITY: "green", TOO_FEW: "grey"}


@dataclass(frozen=True)
class Tag:
    """Evidence in its fixed words, and the colour that goes with them."""

    text: str
    colour: str


@dataclass(frozen=True)
class Card:
    """Everything the page shows of one indicator. Tables and facts are parameters of the page's macros."""

    name: str
    title: str
    question: str
    period: str
    no_new_survey: str
    tag: Tag | None
    sentences: tuple[str, ...]
    figures: Params
    stages: Params | None
    facts: tuple[tuple[str, str], ...]
    history: Params | None
    history_note: str
    breakdowns: tuple[Params, ...]


def tag_of(evidence: str) -> Tag | None:
    """Return the tag of an evidence word; None where nothing was compared."""
    return Tag(sentence_case(evidence), _TAGS.get(evidence, "grey")) if evidence else None


def card_of(name: str, titles: Mapping[str, str], told: Told) -> Card:
    """Return an indicator's card; ``titles`` are those of all indicators, for the stages of this one."""
    indicator, wording, standing = told.catalogue.indicators[name], told.wording, told.standing(name)
    rows, lines = told.rows[name], told.lines.get(name, ())
    whole = next(row for row in rows if row.breakdown == "all")
    sentences = (finding(whole, indicator, wording), evidence_sentence(whole, indicator, wording))
    period = period_words(whole, indicator)
    return Card(
        name=name,
        title=indicator.title,
        question=indicator.question,
        period=sentence_case(period),
        no_new_survey=no_new_survey(whole, indicator),
        tag=tag_of(whole.evidence),
        sentences=tuple(sentence for sentence in sentences if sentence),
        figures=_figures(name, whole, indicator, wording),
        stages=_stages(name, indicator, lines, titles, period),
        facts=(
            *([("Target", target_words(standing, indicator, wording))] if standing else []),
            *_facts(whole, indicator, wording),
            *facts_of(lines, indicator, wording),
        ),
        history=_history(name, told.history.get(name, ()), told),
        history_note=_history_note(indicator),
        breakdowns=tuple(
            _breakdown(
                name, breakdown, [row for row in rows if row.breakdown == breakdown], indicator, wording
            )
            for breakdown in sorted(broken_down_by(indicator), key=lambda each: each != BROAD_GROUP)
            if any(row.breakdown == breakdown for row in rows)
        ),
    )


def _history_note(indicator: Indicator) -> str:
    if is_snapshot(indicator) or is_of_a_survey(indicator) or indicator.quarters == 1:
        return ""
    return f"Each figure covers {3 * indicator.quarters} months, so neighbouring figures share people."


def _heads(indicator: Indicator, wording: Wording) -> tuple[str, ...]:
    """Return the column headings of one side's figures."""
    if isinstance(indicator, Share):
        whom = share_words(indicator, wording)
        return (
            (whom,) if shape_of(indicator) == "values" else ("People", whom.removesuffix(" share"), "Share")
        )
    base = (
        f"{sentence_case(indicator.base_words)}, summed over quarters"
        if isinstance(indicator, Rate)
        else sentence_case(indicator.base_words)
    )
    if shape_of(indicator) == "means":
        means = {"pounds": "Pounds a head", "hours": "Mean hours", "points": "Mean points"}
        return base, means[unit_of(indicator)]
    if isinstance(indicator, Rate):
        return base, "Events", "A year per 100"
    return base, sentence_case(indicator.event_words), "Percentage"


def _figures(name: str, row: Estimate, indicator: Indicator, wording: Wording) -> Params:
    """Return the table of both groups, and of the people whose ethnicity is unknown."""
    rows = {"group": [sentence_case(label(row.group)), *side_cell(row, "group", indicator, wording)]}
    if row.reference_group:
        reference = side_cell(row, "reference", indicator, wording)
        rows = {"reference": [sentence_case(label(row.reference_group)), *reference]} | rows
    if not isinstance(indicator, Share):
        unknown = [
            cell(row.unknown_base, row.unknown_base_status),
            cell(row.unknown_events, row.unknown_events_status),
        ]
        kept = unknown if shape_of(indicator) == "counts" else unknown[:1]
        rows["unknown"] = [sentence_case(wording.style.groups["unknown"]), *kept, NOT_APPLICABLE]
    first = "Population" if isinstance(indicator, Share) else "Group"
    caption = f"{indicator.title}, {period_words(row, indicator)}"
    return table(
        f"{name}-figures",
        caption,
        [first, *_heads(indicator, wording)],
        list(rows.values()),
        kind="figures",
        fields=_PARTS[shape_of(indicator)],
        keys=list(rows),
    )


def _facts(row: Estimate, indicator: Indicator, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Return what is said of the comparison: ratio, difference, flags, people to parity, the unknown."""
    compared = f" ({label(row.ratio_of)})" if row.ratio_of else ""
    limits = interval(row.ratio_low, row.ratio_high)
    ratio = "" if row.ratio is None else ratio_words(row.ratio) + (f" ({limits})" if limits else "")
    facts = (
        (f"Ratio{compared}", ratio),
        ("Difference", difference_words(row, indicator, wording)),
        ("Flags", flag_sentence(row)),
        ("People to parity", parity_words(row)),
        ("Unknown ethnicity", unknown_sentence(row, indicator, wording)),
    )
    return tuple((name, words) for name, words in facts if words)


def _stages(
    name: str, indicator: Indicator, lines: Sequence[Line], titles: Mapping[str, str], period: str
) -> Params | None:
    rows = stage_rows(lines, titles)
    if not rows:
        return None
    return table(
        f"{name}-stages",
        f"{indicator.title}: what each stage adds, {period}",
        ["Stage", "Ratio (95% interval)", "Part of the whole ratio"],
        rows,
        kind="stages",
        fields=("ratio", "part"),
        keys=stage_keys(lines),
    )


def _history(name: str, history: Sequence[Estimate], told: Told) -> Params | None:
    indicator, wording = told.catalogue.indicators[name], told.wording
    rows = sorted(
        (row for row in history if row.breakdown == "all"), key=lambda row: row.period_end, reverse=True
    )
    if len(rows) < 2:
        return None
    alone = not rows[0].reference_group
    sides = [rows[0].group] if alone else [rows[0].reference_group, rows[0].group]
    head = ["Period", *(sentence_case(label(side)) for side in sides), *([] if alone else ["Ratio"])]
    body = []
    for row in rows:
        values = [] if alone else [side_value(row, "reference", indicator, wording)]
        values.append(side_value(row, "group", indicator, wording))
        ratio = [] if alone else [cell(row.ratio, row.marker, written(row.ratio or 0, 2))]
        revised = " [r]" if told.release.is_revised(row) else ""
        body.append([sentence_case(when_words(row, indicator)) + revised, *values, *ratio])
    return table(
        f"{name}-history",
        f"{indicator.title}: earlier figures",
        head,
        body,
        kind="history",
        fields=("group_value",) if alone else ("reference_value", "group_value", "ratio"),
        keys=[row.period_end for row in rows],
    )


def _breakdown(
    name: str, breakdown: str, rows: Sequence[Estimate], indicator: Indicator, wording: Wording
) -> Params:
    title, levels = wording.style.breakdowns.get(breakdown, breakdown), _in_order(breakdown, rows, wording)
    body = [
        [
            sentence_case(level_words(breakdown, row.level, wording.style)),
            *_level(row, indicator, wording),
            cell(row.ratio, row.marker, ratio_cell(row)),
            sentence_case(row.evidence) or row.status or NOT_APPLICABLE,
        ]
        for row in levels
    ]
    params = table(
        f"{name}-{breakdown.replace('_', '-')}",
        f"{indicator.title}, by {title[:1].lower()}{title[1:]}",
        [title, *_level_heads(breakdown, rows, indicator, wording), "Ratio (95% interval)", "Evidence"],
        body,
        kind="breakdown",
        fields=[*_level_fields(indicator), "ratio", "evidence"],
        keys=[row.level for row in levels],
        words=1,
    )
    return params | {"summary": title, "breakdown": breakdown}


def _level_heads(
    breakdown: str, rows: Sequence[Estimate], indicator: Indicator, wording: Wording
) -> list[str]:
    heads = _heads(indicator, wording)
    of_groups = breakdown == BROAD_GROUP
    if isinstance(indicator, Share):
        return (
            ["People", "Of this group", "Share", "Share elsewhere"]
            if of_groups
            else [*heads, "Share elsewhere"]
        )
    return [
        f"{sentence_case(side)}: {head[:1].lower()}{head[1:]}"
        for side in (rows[0].reference_group, "this group" if of_groups else rows[0].group)
        for head in (heads[0], heads[-1])
    ]


def _level_fields(indicator: Indicator) -> list[str]:
    parts = _PARTS[shape_of(indicator)]
    if isinstance(indicator, Share):
        return [*(f"group_{part}" for part in parts), "reference_value"]
    return [f"{side}_{part}" for side in ("reference", "group") for part in (parts[0], parts[-1])]


def _level(row: Estimate, indicator: Indicator, wording: Wording) -> list[str]:
    group = side_cell(row, "group", indicator, wording)
    reference = side_cell(row, "reference", indicator, wording)
    return (
        [*group, reference[-1]]
        if isinstance(indicator, Share)
        else [reference[0], reference[-1], group[0], group[-1]]
    )


def _in_order(breakdown: str, rows: Sequence[Estimate], wording: Wording) -> list[Estimate]:
    """Return levels as the organisation lists them, true before false, what was not recorded last.

    Broad groups are in alphabetical order, Other last.
    """
    listed = getattr(wording.organisation.lists, breakdown, ("true", "false"))
    order = {level: place for place, level in enumerate(listed)}
    if breakdown == BROAD_GROUP:
        order = {level: place for place, level in enumerate(get_args(BroadGroup))}
    return sorted(rows, key=lambda row: (order.get(row.level, len(order)), row.level))
