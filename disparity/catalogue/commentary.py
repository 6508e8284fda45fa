"""Commentary: what an analyst adds to a quarter's report, in Markdown with slots for figures and no number of its own.

A file begins with who speaks, ``By: Head of workforce information``. What follows stands on the overview; below a heading
that is a theme's title, such as ``## Recruitment``, it stands on that theme's page. A slot names an indicator and a figure,
``{{ appointed_from_shortlisting.ratio }}``, and is filled for each audience from what that audience is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from pydantic import Field

from disparity.catalogue.indicators import Indicator
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.style import HouseStyle
from disparity.model import Model, Name, Text
from disparity.predicates import nearest

OVERVIEW = "overview"
FIGURES = (
    "title",
    "period",
    "reference_value",
    "group_value",
    "ratio",
    "times",
    "interval",
    "difference",
    "evidence",
)
"""What a slot may name of an indicator."""

SLOT = re.compile(r"\{\{ *([a-z][a-z0-9_]*)\.([a-z_]+) *\}\}")

_BY = re.compile(r"By: *(\S.*)")
_HEADING = re.compile(r"#+ *(.*?)[ #]*")
_BRACES = re.compile(r"\{\{[^}]*\}?\}?|\{%|\{#")
_ELSEWHERE = re.compile(r"://|\bwww\.|\bmailto:|\S@\S+\.\S")
_DIGITS = re.compile(r"\d[\d,.]*|[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u218b\u2460-\u249b]")
_SPELT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|dozens?|half|halves|twice"
    r"|doubl(?:e|ed|es|ing)|halv(?:e|ed|es|ing)|tripl(?:e|ed|es)|two-thirds|percent|per cent)\b",
    re.IGNORECASE,
)
_PLAIN = {"paragraph", "bullet_list", "list_item", "em", "strong"}
_WRITTEN = {"inline", "text", "softbreak", "hardbreak"}
_WORDS_OF = {
    "link": "a link",
    "image": "a picture",
    "html_block": "HTML",
    "html_inline": "HTML",
    "ordered_list": "a numbered list",
    "heading": "a heading inside the text",
    "hr": "a line across the page",
    "blockquote": "a quotation",
}


class Passage(Model):
    """What stands on one page: ``overview`` or a theme. The text is Markdown, its slots still open."""

    page: Name
    text: str = Field(min_length=1, max_length=6000)


class Commentary(Model):
    """What one quarter's report is given to say, and who says it."""

    by: Text
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class MisWritten:
    """A line that cannot stand in a commentary, and what to do about it."""

    line: int
    words: str


@dataclass(frozen=True)
class Lexicon:
    """What a commentary may name, and what it may not say."""

    indicators: Mapping[str, Indicator]
    organisation: Organisation
    style: HouseStyle

    @property
    def names(self) -> list[str]:
        """The names that hold a number of their own, such as ``Band 8a``, longest first."""
        lists = self.organisation.lists.model_dump().values()
        titles = (indicator.title for indicator in self.indicators.values())
        held = {name for names in (*lists, titles) for name in names if _DIGITS.search(name)}
        return sorted((name for name in held if re.search(r"[^\W\d_]", name)), key=len, reverse=True)


@dataclass
class _Written:
    """The text of one page as it is gathered, with the number of its first line."""

    page: str
    first: int
    lines: list[str] = field(default_factory=list)


def read_commentary(text: str, lexicon: Lexicon) -> tuple[Commentary | None, list[MisWritten]]:
    """Read a commentary. Returns it, or None and every line that cannot stand in it."""
    lines = text.lstrip("\ufeff").splitlines()
    at = next((place for place, line in enumerate(lines) if line.strip()), 0)
    by = _BY.fullmatch(lines[at].strip()) if lines else None
    if by is None:
        return None, [
            MisWritten(at + 1, "a commentary begins with who speaks; write for example By: Head of workforce")
        ]
    wrong: list[MisWritten] = []
    written = list(_passages(lines, at + 1, lexicon.style, wrong))
    for number, line in enumerate(lines, start=1):
        wrong += [MisWritten(number, words) for words in _wrong_words(line, lexicon)]
    for each in written:
        wrong += _wrong_marks(each)
    if not written and not wrong:
        wrong.append(MisWritten(at + 1, "nothing is said; write a paragraph below it or remove the file"))
    if wrong:
        return None, sorted(wrong, key=lambda each: each.line)
    passages = tuple(Passage(page=each.page, text="\n".join(each.lines).strip()) for each in written)
    return Commentary(by=by[1], passages=passages), []


def _passages(lines: list[str], start: int, style: HouseStyle, wrong: list[MisWritten]) -> Iterator[_Written]:
    """Yield the text of each page that has any; a heading that is no theme's goes to ``wrong``."""
    pages = {title.casefold(): name for name, title in style.themes.items()}
    written = [_Written(OVERVIEW, start + 1)]
    for number, line in enumerate(lines[start:], start=start + 1):
        heading = _HEADING.fullmatch(line) if line.startswith("#") else None
        if heading is None:
            written[-1].lines.append(line)
            continue
        page = pages.get(heading[1].casefold())
        if page is None:
            near = nearest(heading[1], style.themes.values())
            wrong.append(MisWritten(number, f"a heading is the title of a theme{near}"))
        elif any(each.page == page for each in written):
            wrong.append(MisWritten(number, "this theme has a heading above; write all of it there"))
        written.append(_Written(page or OVERVIEW, number + 1))
    return (each for each in written if any(line.strip() for line in each.lines))


def _wrong_words(line: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield what is wrong with the words and slots of a line."""
    for indicator, figure in SLOT.findall(line):
        if indicator not in lexicon.indicators:
            yield f"{indicator} is no indicator{nearest(indicator, lexicon.indicators)}"
        elif figure not in FIGURES:
            yield f"{figure} is no figure of an indicator{nearest(figure, FIGURES)}"
    rest = SLOT.sub(" ", line)
    if _BRACES.search(rest):
        yield "a slot is written {{ indicator.figure }}, such as {{ appointed_from_shortlisting.ratio }}"
        return
    for name in lexicon.names:
        rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", rest, flags=re.IGNORECASE)
    number = _DIGITS.search(rest) or _SPELT.search(rest)
    if number:
        yield (
            f"{number[0]!r} is a number typed by hand; name the figure in a slot, such as "
            "{{ appointed_from_shortlisting.ratio }}, or say it without a number"
        )
    if _ELSEWHERE.search(rest):
        yield "an address leads out of the report; name the document in words"
    for word in lexicon.style.avoided_in(rest):
        yield f"{word!r} is a word that the house style avoids; say it in another"


def _wrong_marks(written: _Written) -> Iterator[MisWritten]:
    """Yield the Markdown of a passage that is more than paragraphs, lists with bullets, and emphasis."""
    for block in MarkdownIt("commonmark").parse("\n".join(written.lines)):
        line = written.first + (block.map[0] if block.map else 0)
        for token in (block, *(block.children or ())):
            kind = token.type.removesuffix("_open").removesuffix("_close")
            if kind not in _PLAIN | _WRITTEN and not token.type.endswith("_close"):
                words = _WORDS_OF.get(kind, f"Markdown of the kind {kind}")
                yield MisWritten(
                    line,
                    f"{words} has no place here; write paragraphs, lists with bullets, **strong** and *stressed*",
                )
