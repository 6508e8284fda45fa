"""Contrast by the formula of WCAG 2.2: text on its ground at least 4.5, what charts are drawn with at least 3."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from disparity.catalogue import HouseStyle
from reports.charts import style as chart_style
from resources.catalogue import DEFAULT, load_catalogue

STYLE = files("reports").joinpath("style.css").read_text(encoding="utf-8")
WHITE, PAGE, INK = "#ffffff", "#f0f4f5", "#212b32"
FULL = {"#fff": WHITE}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_is_that_of_the_guideline():
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("style", [load_catalogue(DEFAULT).house_style, HouseStyle.model_construct()])
def test_both_groups_stand_out_from_the_ground_of_a_chart(style):
    for colour in (style.reference_colour, style.group_colour):
        assert contrast(colour, WHITE) >= 3
    # Told apart by lightness too, as in print; besides, one has circles and whole lines and the other squares and dashes.
    assert contrast(style.reference_colour, style.group_colour) >= 3


def test_words_of_a_chart_can_be_read():
    for colour in (chart_style.INK, chart_style.QUIET):
        assert contrast(colour, WHITE) >= 4.5


def rules() -> list[tuple[str, dict[str, str]]]:
    plain = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)
    found = re.findall(r"([^{}]+)\{([^{}]*)\}", plain)
    return [
        (
            selector.strip(),
            dict(part.strip().split(": ", 1) for part in body.split(";") if ": " in part),
        )
        for selector, body in found
    ]


def colour_in(value: str) -> str | None:
    match = re.fullmatch(r"#[0-9a-f]{6}|#fff", value)
    return FULL.get(match[0], match[0]) if match else None


def test_words_on_a_ground_of_their_own_can_be_read():
    pairs = [
        (selector, colour_in(body["color"]), colour_in(body["background"]))
        for selector, body in rules()
        if {"color", "background"} <= body.keys()
    ]
    assert len(pairs) >= 8
    for selector, text, ground in pairs:
        assert text is not None, selector
        assert ground is not None, selector
        assert contrast(text, ground) >= 4.5, selector


def test_words_without_a_ground_can_be_read_on_the_page_and_on_a_card():
    texts = {
        colour
        for _, body in rules()
        if "color" in body and "background" not in body and (colour := colour_in(body["color"]))
    }
    for colour in texts | {INK}:
        for ground in (PAGE, WHITE):
            assert contrast(colour, ground) >= 4.5, colour
