"""Drawings: a chart's SVG taken apart into its named parts, and a list of whatever has no business in it.

Every element, attribute and style that our charts have is known by its form. Anything else is foreign, so that nothing can
hide in what is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"

_NUMBER = r"-?\d+(?:\.\d+)?"
_COLOUR = r"#[0-9a-f]{6}"
_STYLE = re.compile(
    rf"(?:[a-z-]+: (?:{_COLOUR}|{_NUMBER}(?:px)?|{_NUMBER}(?:,{_NUMBER})+|none|butt|square|miter|round|start|middle|end"
    r"|'DejaVu Sans', Verdana, Arial, sans-serif)(?:; |$))+"
)
_ID = re.compile(
    r"(?:figure|axes|patch|text|line2d|[xy]tick)_\d+|matplotlib\.axis_[12]|[mp][0-9a-f]{10}|chart-(?:title|desc)"
    r"|lines|dots|ladder|ratios|stages|control|nought|when"
    r"|(?:line|now|label|lead|low|high)-(?:reference|group|whole|target|equal|above|below|ratio|low|mean|high|\d+)"
    r"|(?:line|now|label)-(?:reference|group)-\d+|key-(?:reference|group)"
)
_MOVE = re.compile(rf"(?:rotate\(-0 {_NUMBER} {_NUMBER}\)|translate\({_NUMBER} {_NUMBER}\))")
_PLACE = re.compile(_NUMBER)
_LINK_TO, _CLIP = re.compile(r"#m[0-9a-f]{10}"), re.compile(r"url\(#p[0-9a-f]{10}\)")
_PATH = re.compile(rf"(?:[MLCQz](?: {_NUMBER})* *\n?)+")
_ALLOWED: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "svg": {
        "role": re.compile("img"),
        "aria-labelledby": re.compile("chart-title chart-desc"),
        "width": re.compile(rf"{_NUMBER}pt"),
        "height": re.compile(rf"{_NUMBER}pt"),
        "viewBox": re.compile(rf"0 0 {_NUMBER} {_NUMBER}"),
        "version": re.compile(r"1\.1"),
    },
    "title": {"id": _ID},
    "desc": {"id": _ID},
    "defs": {},
    "style": {"type": re.compile("text/css")},
    "g": {"id": _ID, "clip-path": _CLIP},
    "path": {"id": _ID, "d": _PATH, "clip-path": _CLIP, "style": _STYLE},
    "clipPath": {"id": _ID},
    "rect": {"x": _PLACE, "y": _PLACE, "width": _PLACE, "height": _PLACE},
    "use": {_LINK: _LINK_TO, "x": _PLACE, "y": _PLACE, "style": _STYLE},
    "text": {"style": _STYLE, "x": _PLACE, "y": _PLACE, "transform": _MOVE},
}
_SPEAKS = ("title", "desc", "style", "text")
_CSS = "*{stroke-linejoin: round; stroke-linecap: butt}"

Point = tuple[float, float]


class UnreadableError(ValueError):
    """Why a file cannot be read as one of ours, in words that repeat nothing of it."""


@dataclass
class Part:
    """A named part of a drawing: the points of its paths, of its marks, and its words."""

    paths: list[list[Point]] = field(default_factory=list)
    marks: list[Point] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def points(self) -> list[Point]:
        """The points of its paths, one after the other."""
        return [point for path in self.paths for point in path]

    @property
    def text(self) -> str:
        """Its words in one line."""
        return " ".join(self.words)


@dataclass(frozen=True)
class Drawing:
    """A chart as it was read: its words, which chart it is, its parts by name, and what has no business in it."""

    title: str
    words: str
    kind: str
    parts: Mapping[str, Part]
    foreign: Sequence[str]

    def text_of(self, name: str) -> str:
        """Return the words of a part; "" where there is no such part."""
        return self.parts[name].text if name in self.parts else ""


def read_drawing(content: bytes) -> Drawing:
    """Take a drawing apart. Raises UnreadableError where it is no SVG, or declares or remarks anything."""
    if b"<!" in content or b"<?" in content:
        raise UnreadableError("a comment or declaration stands in it, and no drawing of ours has one")
    try:
        root = ET.fromstring(content)  # noqa: S314 - ours, and nothing is declared in it
    except ET.ParseError:
        raise UnreadableError("it is no drawing that can be read") from None
    found = _Found()
    found.walk(root, "drawing")
    kinds = [
        kind for kind in ("lines", "dots", "ladder", "ratios", "stages", "control") if kind in found.parts
    ]
    if root.tag != f"{_SVG}svg" or len(kinds) != 1:
        raise UnreadableError("it is none of our charts")
    return Drawing(found.words["title"], found.words["desc"], kinds[0], found.parts, found.foreign)


class _Found:
    """What a walk through a drawing gathers."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.words = {"title": "", "desc": ""}
        self.foreign: list[str] = []

    def walk(self, each: ET.Element, name: str, *, defined: bool = False) -> None:
        """Take an element to the nearest part with a name above it; what is defined alone is not drawn."""
        tag = each.tag.removeprefix(_SVG)
        if tag not in _ALLOWED:
            self.foreign.append(f"<{tag.split('}')[-1]}>")
            return
        for attribute, value in each.attrib.items():
            pattern = _ALLOWED[tag].get(attribute)
            if pattern is None or not pattern.fullmatch(value):
                self.foreign.append(f"{attribute.split('}')[-1]} of <{tag}>")
        # A tick keeps what is drawn for it: its line and its words.
        if not defined and tag == "g" and "tick_" not in name:
            given = each.get("id")
            name = name if given is None else given if _ID.fullmatch(given) else "what is foreign"
        self._take(tag, each, name, defined=defined)
        for child in each:
            self.walk(child, name, defined=defined or tag == "defs")
            if (child.tail or "").strip():
                self.foreign.append(f"words in <{tag}>")

    def _take(self, tag: str, each: ET.Element, name: str, *, defined: bool) -> None:
        text = (each.text or "").strip()
        if (text and tag not in _SPEAKS) or (tag == "style" and text != _CSS):
            self.foreign.append(f"words in <{tag}>")
        part = self.parts.setdefault(name, Part())
        match tag:
            case "title" | "desc":
                self.words[tag] = f"{self.words[tag]} {text}".strip()
            case "text":
                part.words.append(text)
            case "path" if not defined and each.get("d"):
                part.paths.append(_points(each.get("d", "")))
            case "use" if not defined:
                part.marks.append((float(each.get("x", "nan")), float(each.get("y", "nan"))))


def _points(path: str) -> list[Point]:
    numbers = [float(each) for each in re.findall(_NUMBER, path)]
    return list(zip(numbers[::2], numbers[1::2], strict=False))
