"""Which code a word of ethnicity that nobody knows most likely means: a suggestion to people; nobody is counted by it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from disparity.ethnicity import Code, Crosswalk

_NEAR = 0.85
_CLEARLY = 0.05
# Words for no answer. A name may be among the second (Do, An), so that one of the first is wanted beside them.
_NO_ANSWER = frozenset((
    "unknown", "known", "unspecified", "specified", "unstated", "stated", "undisclosed", "disclosed", "disclose",
    "undeclared", "declared", "declare", "unrecorded", "recorded", "provided", "prefer", "preferred", "refused",
    "ethnicity", "ethnic", "other", "others", "null", "none", "unavailable", "available", "missing", "information",
))  # fmt: skip
_BETWEEN = frozenset((
    "not", "no", "to", "say", "i", "do", "does", "did", "wish", "want", "my", "the", "a", "an", "of", "or", "and",
    "any", "is", "was", "given", "answer", "declined", "origin", "group", "background", "data",
))  # fmt: skip
_SEPARATED = re.compile(r",| or |/|\(|\)")


class Spellings:
    """The phrases by which a crosswalk's codes may be meant, each with its one code.

    A phrase of a label comes before one of a category, under which several codes stand; a phrase that could be
    two codes is none's.
    """

    def __init__(self, crosswalk: Crosswalk) -> None:
        """Gather the phrases."""
        self._codes = {code.code.casefold(): code for code in reversed(crosswalk.codes)}
        self._meant: dict[str, Code | None] = {}
        for phrases_of in (_as_it_stands, _by_its_label, _by_its_category):
            meant: defaultdict[str, set[str]] = defaultdict(set)
            for code in crosswalk.codes:
                for phrase in phrases_of(code):
                    meant[_plain(phrase)].add(code.code.casefold())
            for phrase, codes in meant.items():
                self._meant.setdefault(phrase, self._codes[min(codes)] if len(codes) == 1 else None)

        phrases = (words for code in crosswalk.codes for words in (code.label, code.category_ons_2021))
        self._parts = {part for words in phrases for part in _plain(words).split()}

    def of_the_list(self, word: str) -> bool:
        """Whether nothing is in a word but parts of the list's labels, or of words for no answer; or signs alone."""
        parts = set(_plain(word).split())
        telling = parts & ((self._parts | _NO_ANSWER) - _BETWEEN)
        return not parts or (bool(telling) and parts <= telling | _BETWEEN)

    def suggested(self, word: str) -> Code | None:
        """Return the code that a word most likely means, or None where that is anybody's guess."""
        plain = _plain(word)
        if plain in self._meant:
            return self._meant[plain]
        tokens = plain.split()
        for token, rest in ((tokens[:1], tokens[1:]), (tokens[-1:], tokens[:-1])):
            code, meant = self._codes.get("".join(token)), self._nearest(" ".join(rest))
            if code is not None and meant is not None:
                # "A White - British" says it twice; "B White - British" contradicts itself.
                return code if code == meant else None
        return self._nearest(plain)

    def _nearest(self, plain: str) -> Code | None:
        """Return the code of the phrase that is the same but for a slip of the pen: a word more may turn it round."""
        phrases = [phrase for phrase in self._meant if phrase.count(" ") == plain.count(" ")]
        near = [
            (difflib.SequenceMatcher(None, plain, phrase).ratio(), self._meant[phrase])
            for phrase in difflib.get_close_matches(plain, phrases, n=10, cutoff=_NEAR)
        ]
        best = [code for ratio, code in near if ratio > near[0][0] - _CLEARLY]
        return best[0] if best and all(code == best[0] for code in best) else None


def _as_it_stands(code: Code) -> Iterator[str]:
    yield from (code.code, code.label)


def _by_its_label(code: Code) -> Iterator[str]:
    yield from _phrases(code.label, code)


def _by_its_category(code: Code) -> Iterator[str]:
    yield from _phrases(code.category_ons_2021, code)


def _phrases(words: str, code: Code) -> Iterator[str]:
    """Yield words and each of their parts, alone and with the broad group in front, as other lists have them."""
    group = code.broad_group
    for part in (words, *_SEPARATED.split(words)):
        if part.strip():
            yield from (part, f"{group} {part}", f"{group} or {group} British {part}", f"{part} {group}")


def _plain(words: str) -> str:
    """Return words in small letters, without signs, wide forms and what cannot be seen."""
    seen = "".join(
        sign for sign in unicodedata.normalize("NFKC", words) if unicodedata.category(sign) != "Cf"
    )
    return " ".join(re.sub(r"[\W_]+", " ", seen.casefold().replace("&", " and ")).split())
