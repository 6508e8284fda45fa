"""Places: a page taken apart into the words of its elements, each with what its surroundings say it is about.

What a place is about is said by the ``data-`` attributes that `reports.pages.cards` and the templates set, by the
heading of its column, and by the term before it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "img", "br", "hr", "input"}
_INLINE = {"a", "b", "code", "em", "i", "span", "strong", "sub", "sup"}
_SLOTS = ("indicator", "table", "breakdown", "row", "field")
_WORDS = ("alt", "aria-label", "title", "placeholder")


@dataclass(frozen=True)
class Place:
    """The words of one element, or of one attribute, and what they are about."""

    tag: str
    text: str
    about: Mapping[str, str]
    term: str = ""

    @property
    def name(self) -> str:
        """The indicator that the place is about; "" for the page itself."""
        return self.about.get("indicator", "")

    @property
    def field(self) -> str:
        """What stands in the place; "" where nothing says so."""
        return self.about.get("field", "")

    def where(self, known: Container[str]) -> str:
        """Return the place in words, which say no name that is not ``known``: it could be what should not be there."""
        said = [f"{slot} {self.about[slot]}" for slot in _SLOTS if self.about.get(slot) in known]
        said += [f"under {self.term}"] if self.term in known else []
        return " of ".join([f"<{self.tag}>", ", ".join(said)] if said else [f"<{self.tag}>"])


@dataclass(frozen=True)
class Attribute:
    """An attribute of an element, whose value is not read by people."""

    tag: str
    name: str
    value: str
    about: Mapping[str, str]


@dataclass
class _Open:
    """An element whose end is still to come."""

    tag: str
    about: dict[str, str]
    parts: list[str]
    speaks: bool
    term: str = ""


@dataclass
class _Table:
    """The fields of a table's columns, and how many cells of the row were read."""

    columns: list[str] = field(default_factory=list)
    at: int = 0


class PageReader(HTMLParser):
    """Takes a page apart: its places, its attributes, and what should not be there at all."""

    def __init__(self, text: str) -> None:
        """Read the whole text."""
        super().__init__(convert_charrefs=True)
        self.places: list[Place] = []
        self.attributes: list[Attribute] = []
        self.asides: list[str] = []
        self._open = [_Open("page", {}, [], speaks=True)]
        self._table = _Table()
        self._term = ""
        self.feed(text)
        self.close()
        while self._open:
            self._shut()

    def texts(self) -> list[str]:
        """Return everything it says, to people or not, but for pictures, which are read as drawings."""
        hidden = [each.value for each in self.attributes if each.name != "src"]
        return [*(place.text for place in self.places if place.tag != "style"), *hidden, *self.asides]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element: its own slots over those around it."""
        above = self._open[-1]
        about, given = dict(above.about), {name: value or "" for name, value in attrs}
        about |= {slot: given[f"data-{slot}"] for slot in _SLOTS if f"data-{slot}" in given}
        self._follow_table(tag, given, about)
        for name, value in given.items():
            if name in _WORDS:
                self.places.append(Place(f"{tag} {name}", one_line(value), about))
            else:
                self.attributes.append(Attribute(tag, name, value, about))
        if tag in _VOID:
            return
        speaks = tag not in _INLINE or "data-field" in given
        term = self._term if tag == "dd" else ""
        self._open.append(_Open(tag, about, [] if speaks else above.parts, speaks, term))

    def _follow_table(self, tag: str, given: Mapping[str, str], about: dict[str, str]) -> None:
        """Give a cell the field of its column."""
        if tag == "table":
            self._table = _Table()
        elif tag == "tr":
            self._table.at = 0
        elif tag == "th" and given.get("scope") == "col":
            self._table.columns.append(given.get("data-field", ""))
        elif tag in ("th", "td"):
            at, columns = self._table.at, self._table.columns
            about["field"] = columns[at] if at < len(columns) else ""
            self._table.at += 1

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and what was left open in it."""
        if any(each.tag == tag for each in self._open[1:]):
            while self._open[-1].tag != tag:
                self._shut()
            self._shut()

    def _shut(self) -> None:
        shut = self._open.pop()
        text = one_line("".join(shut.parts))
        if shut.speaks and text:
            self.places.append(
                Place(shut.tag, "".join(shut.parts) if shut.tag == "style" else text, shut.about, shut.term)
            )
        if shut.tag == "dt":
            self._term = text

    def handle_data(self, data: str) -> None:
        """Take text up where it stands."""
        self._open[-1].parts.append(data)

    def handle_comment(self, data: str) -> None:
        """Keep a comment: no page of ours has one."""
        self.asides.append(data)

    def handle_decl(self, decl: str) -> None:
        """Keep a declaration other than the one that every page begins with."""
        if decl.lower() != "doctype html":
            self.asides.append(decl)

    def handle_pi(self, data: str) -> None:
        """Keep a processing instruction: no page of ours has one."""
        self.asides.append(data)

    def unknown_decl(self, data: str) -> None:
        """Keep what is no HTML."""
        self.asides.append(data)


def one_line(text: str) -> str:
    """Return a text with single blanks, as a reader sees it."""
    return " ".join(text.split())
