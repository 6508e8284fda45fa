"""Identifiers: which text can stand for a person, an application or a vacancy, and which stands for none and why.

An identifier is replaced by a keyed hash, and a hash of `#N/A` looks like anybody's. So text that stands for nobody is
known here before it is hashed, and its cause goes on in its place: a sentence of a closed list, never the text.
What belongs to somebody and is written differently elsewhere is no matter of one text: `00123` and `123` are two
identifiers, and `without_zeros` is what tells that zeros alone are between them.
"""

from __future__ import annotations

import polars as pl

_NO = "no identifier: "
# Errors as Excel, LibreOffice and Google Sheets write them, in any language: #NV and #N/D are its #N/A.
_ERROR = (
    r"(?i)^(?:#(?:n/?a(?: .*)?|nv|yok|hiányzik|není_k_dispozici|\p{L}+/\p{L}+"
    r"|ref|value|div/0|num|name|null|spill|calc|field|error|getting_data|¡?[\p{L}\d_/ ]+[!?])[!?]?"
    r"|(?:err|fehler|erreur|error|erro|errore|fout)\s?:\s?\d+)$"
)
_FORMULA = r"^="
_QUOTE = r"""['"`\p{Pi}\p{Pf}\u{B4}\u{201A}\u{201E}\u{2032}\u{2033}]"""
# Before one word, or behind a digit: the name of a vacancy may quote words, or end with an apostrophe.
_QUOTED = rf"^{_QUOTE}\S*$|[0-9]{_QUOTE}$"
_INVISIBLE = r"[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}[\p{Zs}--\x20]]"
_OTHER_DIGITS = r"[\p{Nd}--[0-9]]"
# As spreadsheets write it: a sign behind the E, or decimals before it. `1E234567` has neither and may be somebody's.
_SCIENTIFIC = r"^[+-]?(?:[0-9]+[.,][0-9]*\s?[eE]\s?[+-]?[0-9]+|[0-9]+[eE]\+[0-9]+)$"
_DECIMAL = r"^[0-9]+(?:[.,][0-9]*|(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})$"
_SIGNED = r"^[+\-\u{2212}\u{2013}]\s?[0-9]+(?:[.,][0-9]*)?$"
_OF_NO_WORD = r"[^\p{L}\p{N}]"
# Compared in lower case and without blanks and signs: `N/A`, `n.a.` and `(na)` are one word, and `-` is none at all.
_WORD_FOR_NOTHING = r"""(?x)^(?:
    na | nan | nat | nil | none | nothing | null | undefined | notapplicable | notavailable
    | unknown | unk | nk | notknown | dontknow | notfound | notgiven | notprovided | notrecorded | notstated
    | nodata | norecord | loading | true | false | inf
    | tba | tbc | tbd | tobe(?:advised|allocated|announced|assigned|confirmed|determined)
    | awaited | awaiting(?:number)? | pending | tofollow
    | not(?:yet)?(?:allocated|assigned|issued) | unallocated | unassigned
    | blank | empty | missing | vacancy | vacant | anonymous | redacted | withheld
    | no(?:employeenumber|id|number|ref|reference|staffnumber)
    | (?:same)?asabove | ditto | x{2,}
)?$"""

_PATTERNS = {
    "an error of a spreadsheet": _ERROR,
    "written as a formula": _FORMULA,
    "quotation marks stand around or before it": _QUOTED,
    "it holds invisible characters": _INVISIBLE,
    "it holds digits of another script than 0 to 9": _OTHER_DIGITS,
    "a number in scientific notation (its digits are lost)": _SCIENTIFIC,
    "a number with a decimal point or comma": _DECIMAL,
    "a number with a sign": _SIGNED,
}
_FOR_NOTHING = "a word or sign that stands for nothing"

_RULES = {f"({_NO}{cause})": f"{_NO}{cause}" for cause in (*_PATTERNS, _FOR_NOTHING)}
"""The rule of each marker."""

WITHOUT_ZEROS = "_without_zeros"
"""Behind a column's name: the received column that holds the pseudonym of its number without the zeros in front of it."""


def identified(text: pl.Expr) -> pl.Expr:
    """Return ``text`` where it can be somebody's identifier, and the marker of its cause elsewhere; null stays null.

    ``text`` is trimmed. A marker is rejected by the rule that `cause_of` returns, and says nothing of the text.
    """
    word = text.str.to_lowercase().str.replace_all(_OF_NO_WORD, "")
    found = {cause: text.str.contains(pattern) for cause, pattern in _PATTERNS.items()}
    found[_FOR_NOTHING] = word.str.contains(_WORD_FOR_NOTHING)
    marker = pl.coalesce(pl.when(is_it).then(pl.lit(f"({_NO}{cause})")) for cause, is_it in found.items())
    return pl.when(marker.is_null()).then(text).otherwise(marker)


def is_error(text: pl.Expr) -> pl.Expr:
    """Return whether a text is an error of a spreadsheet, such as `#N/A`; null where nothing stands."""
    return text.str.contains(_ERROR)


def is_marked(text: pl.Expr) -> pl.Expr:
    """Return whether a marker stands in place of an identifier; null where nothing stands."""
    return text.is_in(list(_RULES))


def cause_of(text: pl.Expr) -> pl.Expr:
    """Return the rule that a marked identifier breaks; null where none is marked."""
    return text.replace_strict(_RULES, default=None, return_dtype=pl.String)


def without_zeros(text: pl.Expr) -> pl.Expr:
    """Return a number without the zeros in front of it; null for what is no number, and where there are none."""
    return pl.when(text.str.contains(r"^0+[1-9][0-9]*$")).then(text.str.strip_chars_start("0"))


def filled(text: pl.Expr, digits: int) -> pl.Expr:
    """Fill a number of fewer ``digits`` with zeros in front; any other text stays as it is."""
    return pl.when(text.str.contains(r"^[0-9]+$")).then(text.str.zfill(digits)).otherwise(text)


def numbers(received: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return each identifier of a received column once, as ``identifier``, with its ``number``, which zeros do not change.

    An identifier that is no number, or was received before zeros were looked at, is its own.
    """
    identifier, number = pl.col(column), pl.col(column)
    if f"{column}{WITHOUT_ZEROS}" in received.collect_schema().names():
        number = pl.coalesce(f"{column}{WITHOUT_ZEROS}", identifier)
    known = received.filter(identifier.is_not_null() & ~is_marked(identifier))
    return known.select(identifier=identifier, number=number).unique()


def apart_by_zeros(received: pl.LazyFrame) -> dict[str, int]:
    """Count the identifiers that zeros in front alone keep apart from another one, by the column where there are any."""
    names = received.collect_schema().names()
    columns = [name for name in names if f"{name}{WITHOUT_ZEROS}" in names]
    ways = [numbers(received, column).group_by("number").agg(ways=pl.len()) for column in columns]
    apart = [each.filter(pl.col("ways") > 1).select(pl.col("ways").sum()) for each in ways]
    counted = {
        column: int(each.collect(engine="streaming").item())
        for column, each in zip(columns, apart, strict=True)
    }
    return {column: identifiers for column, identifiers in counted.items() if identifiers}
