"""A ladder of pay bands beside all staff."""

from __future__ import annotations

from collections.abc import Sequence

from disparity.catalogue.indicators import Indicator, Share
from disparity.markers import NOT_APPLICABLE
from disparity.rows import Estimate
from reports.charts.style import (
    DASHES,
    INK,
    QUIET,
    Plot,
    cut,
    from_nought,
    leave_margins,
    new_figure,
    value_form,
)
from reports.wording.numbers import Wording, figure, level_words, share_words
from reports.wording.periods import period_words
from reports.wording.sentences import finding
from reports.wording.titles import short_title

Rung = tuple[str, float | None, str]


def rungs_of(rows: Sequence[Estimate], wording: Wording) -> list[Rung]:
    """Return the bands in the organisation's order, lowest first, each with its share or a marker."""
    order = {band: place for place, band in enumerate(wording.organisation.lists.band)}
    bands = [row for row in rows if row.breakdown == "band"]
    bands.sort(key=lambda row: (order.get(row.level, len(order)), row.level))
    return [
        (level_words("band", row.level, wording.style), row.group_value, row.marker or NOT_APPLICABLE)
        for row in bands
    ]


def plot_of_bands(now: Estimate, rungs: Sequence[Rung], indicator: Share, wording: Wording) -> Plot:
    """Draw a rung for each band, from the share of all staff to its own, with markers where it is not told."""
    made, axes = new_figure("ladder", 1.15 + 0.36 * len(rungs))
    leave_margins(axes, left=1.9, right=0.75, top=0.55, bottom=0.45)
    colour, whole = wording.style.group_colour, now.group_value or 0.0
    axes.axvline(
        whole,
        color=wording.style.reference_colour,
        linewidth=2.2,
        linestyle=DASHES,
        zorder=2,
        gid="line-whole",
    )
    for place, (_, value, marker) in enumerate(rungs):
        if value is None:
            axes.annotate(
                marker,
                (0, place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=QUIET,
                gid=f"label-{place}",
            )
            continue
        axes.plot([whole, value], [place, place], color=QUIET, linewidth=1.2, zorder=1, gid=f"line-{place}")
        axes.plot(
            [value],
            [place],
            color=colour,
            marker="s",
            markersize=9,
            clip_on=False,
            zorder=4,
            gid=f"now-{place}",
        )
        left = value < whole
        axes.annotate(
            figure(value, indicator, wording),
            (value, place),
            xytext=(-10 if left else 10, 0),
            va="center",
            ha="right" if left else "left",
            textcoords="offset points",
            color=INK,
            gid=f"label-{place}",
        )
    axes.set_ylim(-0.6, len(rungs) - 0.4)
    from_nought(axes, "x", [whole, *(value for _, value, _ in rungs)], value_form(indicator))
    axes.annotate(
        f"{cut(f'All {indicator.base_words}')} {figure(whole, indicator, wording)}",
        (whole, 1),
        xycoords=("data", "axes fraction"),
        ha="center",
        xytext=(0, 6),
        textcoords="offset points",
        color=INK,
        fontweight="bold",
        gid="label-whole",
    )
    axes.set_yticks(range(len(rungs)), [cut(name, 22) for name, _, _ in rungs])
    return Plot(
        made, _title_of_ladder(rungs, indicator, wording), _alt_of_ladder(now, rungs, indicator, wording)
    )


def _title_of_ladder(rungs: Sequence[Rung], indicator: Share, wording: Wording) -> str:
    told = [value for _, value, _ in rungs if value is not None]
    low, high = figure(min(told), indicator, wording), figure(max(told), indicator, wording)
    by = wording.style.breakdowns.get("band", "band").lower()
    if low == high:
        return short_title(
            f"{indicator.title}: {low} in every {by} shown", f"The same in every {by} shown: {low}"
        )
    return short_title(
        f"{indicator.title}: {low} to {high} by {by}",
        f"{share_words(indicator, wording)}: {low} to {high} by {by}",
        f"From {low} to {high}",
    )


def _alt_of_ladder(now: Estimate, rungs: Sequence[Rung], indicator: Indicator, wording: Wording) -> str:
    said = "; ".join(
        f"{name} {marker if value is None else figure(value, indicator, wording)}"
        for name, value, marker in rungs
    )
    when = period_words(now, indicator)
    return f"Dot chart of bands beside all staff, {when}. {finding(now, indicator, wording)} By band: {said}."
