"""What must agree between parts of a catalogue: names that point at each other, predicates that resolve."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from disparity.catalogue import Catalogue, Source
from disparity.catalogue.deliveries import is_of_a_survey
from disparity.catalogue.given import broken_down, datasets_of, given, not_given
from disparity.catalogue.indicators import COMPARISONS, Indicator, Linked, Mean, Rows, Share, broken_down_by
from disparity.catalogue.policies import Policy
from disparity.catalogue.targets import PARITY
from disparity.catalogue.vocabulary import DERIVED, record_columns, record_values, vocabulary_of
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column, Vocabulary
from disparity.datasets.dates import DateFormat
from disparity.datasets.readable import passed
from disparity.ethnicity import Crosswalk
from disparity.predicates import PredicateError, is_everybody, nearest, resolve

# Below it a cell of a released table speaks of one person, or of one of two people to the other.
_LEAST_THRESHOLD = 3
_SHOWN = {
    1: "would show what one person answered, as a count of 1",
    2: "would tell each of two people what the other answered, as a count of 2",
}

_IN_LOCATION = ("{quarter}",)
_IN_CONSTANT = ("{quarter_start}", "{quarter_end}")
_IN_QUERY = (":period_start", ":next_period_start", ":period_end")
_BRACES = re.compile(r"\{[^{}]*\}?|\}")
# ${NAME} is taken from the environment, and a driver may be named in braces.
_BRACES_OF_A_URL = re.compile(r"(?<!\$)\{[a-z_]+\}")
# As SQLAlchemy finds what it binds. Other braces may be the database's own, as in '{a,b}' of PostgreSQL.
_IN_SQL = re.compile(
    r"(?<![:\w\\]):\w+(?!:)|\{(?:quarter|quarter_start|quarter_end|period_start|period_end|next_period_start)\}"
)


@dataclass(frozen=True)
class Mistake:
    """One thing that does not agree: the file (without ending), the key path in it, and the words."""

    file: str
    path: tuple[Hashable, ...]
    words: str


def mistakes(
    catalogue: Catalogue,
    today: dt.date,
    of_right_predicates: Callable[[Catalogue], Iterable[Mistake]] = lambda _: (),
) -> list[Mistake]:
    """Return everything in a catalogue that does not agree with the rest of it, or with the day it is read.

    ``of_right_predicates`` is what else to ask where all predicates are right, as of what they are true of.
    """
    vocabulary = vocabulary_of(catalogue)
    of_indicators = [
        mistake
        for name, indicator in catalogue.indicators.items()
        for mistake in _indicator(name, indicator, catalogue, vocabulary)
    ]
    return [
        *_audiences(catalogue),
        *_agreements(catalogue, today),
        *_sources(catalogue, vocabulary),
        *of_indicators,
        *(of_right_predicates(catalogue) if not of_indicators else ()),
        *_given(catalogue, vocabulary),
        *_expected(catalogue, vocabulary),
        *_targets(catalogue),
        *_house_style(catalogue),
        *_avoided_words(catalogue),
    ]


def _given(catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """What an indicator rests on is given by its dataset's source, or said to be not available."""
    for (dataset, column), users in not_given(catalogue.indicators, catalogue.sources).items():
        described = DATASETS[dataset].columns(vocabulary)
        if column in described and not described[column].needed:
            resting = ", ".join(f"{name} ({key})" for name, key in users)
            words = (
                f"{dataset} is not given {column}, on which indicators rest (indicators.yaml): {resting}; "
                f"map it to a heading, or say not_available: [{column}]"
            )
            yield Mistake("sources", (dataset, "columns"), words)


def _expected(catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """A column that is expected to look like something is given by a source of the datasets it is expected of."""
    for suite, expectations in catalogue.expectations.items():
        for at, each in enumerate(expectations):
            sourced = [name for name in each.datasets if name in catalogue.sources and name in DATASETS]
            known = {*DERIVED, *(column for name in sourced for column in given(name, catalogue.sources))}
            for column in each.columns if sourced else ():
                if column not in known:
                    words = f"{' and '.join(sourced)} is not given {column!r} (sources.yaml){nearest(column, known)}"
                    yield Mistake("expectations", (suite, at, *each.key_of_columns), words)


def _targets(catalogue: Catalogue) -> Iterator[Mistake]:
    for name, target in catalogue.targets.items():
        indicator = catalogue.indicators.get(name)
        if indicator is None:
            words = f"no indicator {name!r}{nearest(name, catalogue.indicators)}"
            yield Mistake("targets", (name,), words)
        elif not indicator.headline:
            words = (
                "a target is seen against its history, which is kept of headlines alone; "
                "give its indicator headline: true"
            )
            yield Mistake("targets", (name,), words)
        elif (
            target.reach == PARITY
            and isinstance(indicator, Share)
            and not (indicator.part or indicator.value)
        ):
            words = (
                "this share is compared with nobody, so that there is nothing to match; give a value to reach"
            )
            yield Mistake("targets", (name, "reach"), words)


def _audiences(catalogue: Catalogue) -> Iterator[Mistake]:
    audiences: dict[str, str] = dict(catalogue.organisation.audiences.items())
    headcount = catalogue.organisation.headcount
    for audience in ("restricted", "published"):
        policy = audiences.get(audience)
        if policy is None:
            words = f"no policy for {audience}; every released audience names one"
            yield Mistake("organisation", ("audiences",), words)
        elif policy not in catalogue.policies:
            words = f"no policy {policy!r}{nearest(policy, catalogue.policies)}"
            yield Mistake("organisation", ("audiences", audience), words)
        elif (threshold := catalogue.policies[policy].threshold) < _LEAST_THRESHOLD:
            words = f"the policy {policy!r} {_SHOWN[threshold]}; give it a threshold of at least {_LEAST_THRESHOLD}"
            yield Mistake("organisation", ("audiences", audience), words)
        elif not _meant_for(catalogue.policies[policy], headcount):
            words = f"the policy {policy!r} is not meant for {headcount} staff; leave audiences out to take the one that is"
            yield Mistake("organisation", ("audiences", audience), words)


def _meant_for(policy: Policy, headcount: int) -> bool:
    least, greatest = policy.headcount
    return least <= headcount and (greatest is None or headcount <= greatest)


def _agreements(catalogue: Catalogue, today: dt.date) -> Iterator[Mistake]:
    for name, agreement in catalogue.organisation.agreements.items():
        if agreement.agreed_on is not None and agreement.agreed_on > today:
            words = (
                f"{agreement.agreed_on} is still to come. An agreement counts from the day it was given: "
                "give that day, or leave agreed_on out until then"
            )
            yield Mistake("organisation", ("agreements", name, "agreed_on"), words)


def _sources(catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for required in catalogue.organisation.required_datasets:
        if required not in catalogue.sources:
            words = f"{required} is required and has no source in sources.yaml"
            yield Mistake("organisation", ("required_datasets",), words)
    for name, source in catalogue.sources.items():
        if name not in DATASETS:
            yield Mistake("sources", (name,), f"no dataset {name!r}{nearest(name, DATASETS)}")
            continue
        columns = DATASETS[name].columns(vocabulary)
        found = [
            *_names(name, source, columns),
            *_values(source, columns, vocabulary, catalogue.ethnicity),
            *_constants(source, columns, vocabulary, catalogue.ethnicity),
            *_placeholders(source),
            *_date_format(source),
            *_leave_out(source),
        ]
        for path, words in found:
            yield Mistake("sources", (name, *path), words)


_Found = Iterator[tuple[tuple[Hashable, ...], str]]


def _names(name: str, source: Source, columns: Mapping[str, Column]) -> _Found:
    parts: dict[str, Mapping[str, object]] = {
        "columns": source.columns,
        "constants": source.constants,
        "values": source.values,
        "values_from": source.values_from,
        "digits": source.digits,
    }
    for part, mapped in parts.items():
        for column in mapped:
            if column not in columns:
                words = f"{name} has no column {column!r}{nearest(column, columns)}"
                yield (part, column), words
    for column in source.digits:
        if column in columns and columns[column].kind != "identifier":
            yield ("digits", column), f"{column} is no identifier, and digits are an identifier's"
    for column, described in columns.items():
        if described.needed and column not in source.columns and column not in source.constants:
            yield ("columns",), f"{name} needs the column {column}; map it to a heading"
    may_lack = [column for column, described in columns.items() if not described.needed]
    for at, column in enumerate(source.not_available):
        if column not in may_lack:
            known = f"needs the column {column!r}, which cannot be left out"
            words = known if column in columns else f"has no column {column!r}"
            yield ("not_available", at), f"{name} {words}{nearest(column, may_lack)}"


def _values(
    source: Source, columns: Mapping[str, Column], vocabulary: Vocabulary, ethnicity: Crosswalk
) -> _Found:
    for column, ours in source.values.items():
        if column not in columns:
            continue
        wrong = wrong_words(column, columns[column], list(ours.values()), vocabulary, ethnicity)
        if "" in ours and columns[column].kind == "identifier":
            yield ("values", column, ""), f"a blank is nobody: it cannot be read as one {column}"
        for theirs, word in ours.items():
            if word in wrong:
                yield ("values", column, theirs), wrong[word]


def wrong_words(
    column: str, described: Column, words: Sequence[str], vocabulary: Vocabulary, ethnicity: Crosswalk
) -> dict[str, str]:
    """Return what is wrong with our words of a list, by word; every other is a value of its column.

    A blank is wrong: beside a supplier's word it would make an answer "not recorded" in silence. Words of a date
    are not judged: they are in the format of the source.
    """
    if described.kind == "date":
        return {}
    blank = "no word of ours stands here; a text that stands for nothing goes under no_value"
    wrong = _no_values(column, described, [word for word in words if word], vocabulary, ethnicity)
    return {**wrong, "": blank}


def _no_values(
    column: str, described: Column, texts: Sequence[str], vocabulary: Vocabulary, ethnicity: Crosswalk
) -> dict[str, str]:
    """Judge texts by what judges the rows, and say which right word is nearest to a wrong one."""
    text = pl.Series("text", texts, dtype=pl.String).unique(maintain_order=True).to_frame()
    wrong = text.filter(passed(pl.col("text"), described, vocabulary) != pl.col("text"))["text"]
    right: Sequence[str] = described.allowed or ()
    if described.kind == "flag":
        right = ("true", "false")
    elif described.kind == "ethnicity":
        right = [*vocabulary.ethnic_codes, *(code.label for code in ethnicity.codes)]
    hint = "; write a date as 2026-07-01" if described.kind == "date" else ""
    return {each: f"{each!r} is not a value of {column}{nearest(each, right)}{hint}" for each in wrong}


def _constants(
    source: Source, columns: Mapping[str, Column], vocabulary: Vocabulary, ethnicity: Crosswalk
) -> _Found:
    """A constant is a value of its column once any day has been put in its place."""
    for column, constant in source.constants.items():
        yield from _unfilled(("constants", column), constant, _BRACES, _IN_CONSTANT)
        text = constant
        for placeholder in _IN_CONSTANT:
            text = text.replace(placeholder, "2026-07-01")
        if text and column in columns and not _BRACES.search(text):
            wrong = _no_values(column, columns[column], [text], vocabulary, ethnicity)
            yield from ((("constants", column), words) for words in wrong.values())


def _placeholders(source: Source) -> _Found:
    in_location = _BRACES_OF_A_URL if source.format == "sql" else _BRACES
    yield from _unfilled(("location",), source.location, in_location, _IN_LOCATION)
    yield from _unfilled(("query",), source.query or "", _IN_SQL, _IN_QUERY)


def _unfilled(path: tuple[str, ...], text: str, pattern: re.Pattern[str], known: tuple[str, ...]) -> _Found:
    """Find what looks as if something would be put in its place.

    The rest of a text is not told: a URL may hold a password.
    """
    for found in pattern.findall(text):
        if found not in known:
            yield path, f"nothing is put in place of {found}{nearest(found, known)}"


def _date_format(source: Source) -> _Found:
    """A format reads back what it writes, and reads ISO dates, which are always read as well, as the days that they are."""
    written, day = source.date_format, dt.datetime(2026, 10, 9, tzinfo=dt.UTC)
    try:
        dates = DateFormat(written)
        read, iso = dates.moment(day.strftime(dates.written)), dates.moment(f"{day:%Y-%m-%d}")
    except ValueError:  # a directive that nobody knows, or one that is there twice
        read = iso = None
    if read is None or read.date() != day.date():
        yield (
            ("date_format",),
            f"a date written as {written!r} cannot be read back; "
            "write %d for the day, %m or %b for the month and %Y for the year, such as %d/%m/%Y",
        )
    elif iso is not None and iso.date() != day.date():
        yield (
            ("date_format",),
            f"by {written!r} 2026-10-09 would be 10 September, and real dates and ISO dates are read as year, month, "
            "day; have dates written otherwise",
        )


def _leave_out(source: Source) -> _Found:
    """Words are left out under a heading that rows are taken by, and are not those taken."""
    for heading, words in source.leave_out.items():
        if heading not in source.keep:
            yield ("leave_out", heading), f"{heading!r} is no heading of keep{nearest(heading, source.keep)}"
        for word in words:
            if word in source.keep.get(heading, ()):
                yield (
                    ("leave_out", heading),
                    f"{word!r} is a word that keep takes; leave it under one of the two",
                )


def _indicator(
    name: str, indicator: Indicator, catalogue: Catalogue, vocabulary: Vocabulary
) -> Iterator[Mistake]:
    found = [
        *_name(name),
        *_predicates(indicator, vocabulary),
        *_breakdowns(indicator, vocabulary),
        *_columns(indicator, vocabulary),
        *_linking(indicator, vocabulary),
        *_wording(indicator),
        *_survey(indicator),
        *_agreement(indicator, catalogue),
        *_stages(name, indicator, catalogue),
    ]
    for path, words in found:
        yield Mistake("indicators", (name, *path), words)


def _name(name: str) -> _Found:
    if name == COMPARISONS:
        yield (), f"{name} is what the chart of all ratios is called; give the indicator another name"


def _predicates(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    """A predicate resolves. The event of rows and the part of a share are some of the base, not all of it."""
    for key, dataset in datasets_of(indicator).items():
        predicate = getattr(indicator, key)
        if predicate is None:
            continue
        try:
            resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
        except PredicateError as error:
            yield (key,), f"in {dataset}: {error}"
            continue
        of_some = key == "part" or (key == "event" and isinstance(indicator, Rows))
        if of_some and is_everybody(predicate):
            yield (key,), "TRUE is everybody in the base; pick out some of them"


def _breakdowns(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    """A breakdown is a column of few values, listed or true and false, in every dataset counted."""
    for breakdown in indicator.breakdowns:
        for dataset in broken_down(indicator):
            described = DATASETS[dataset].columns(vocabulary)
            divided = [
                column
                for column, each in described.items()
                if each.kind == "flag" or (each.kind == "category" and each.allowed is not None)
            ]
            if breakdown not in described:
                yield ("breakdowns",), f"{dataset} has no column {breakdown!r}{nearest(breakdown, divided)}"
            elif breakdown not in divided:
                words = f"{breakdown} of {dataset} is not divided into levels{nearest(breakdown, divided)}"
                yield ("breakdowns",), words


def _columns(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    """A value is a number of its dataset, and a window is told by one of its dates."""
    columns = record_columns(indicator.dataset, vocabulary)
    if isinstance(indicator, Mean | Share | Linked) and indicator.value is not None:
        numeric = [column for column, dtype in columns.items() if dtype.is_numeric()]
        if indicator.value not in numeric:
            words = (
                f"{indicator.dataset} has no number {indicator.value!r}{nearest(indicator.value, numeric)}"
            )
            yield ("value",), words
    if isinstance(indicator, Rows) and indicator.window_by is not None:
        dates = [column for column, dtype in columns.items() if dtype == pl.Date]
        if indicator.window_by not in dates:
            near = nearest(indicator.window_by, dates)
            yield ("window_by",), f"{indicator.dataset} has no date {indicator.window_by!r}{near}"
    if isinstance(indicator, Rows) and indicator.stratified_by is not None:
        described = DATASETS[indicator.dataset].columns(vocabulary)
        strata = [column for column, each in described.items() if each.kind == "identifier"]
        if indicator.stratified_by not in strata:
            near = nearest(indicator.stratified_by, strata)
            yield (
                ("stratified_by",),
                f"{indicator.dataset} has no identifier {indicator.stratified_by!r}{near}",
            )


def _linking(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    if not isinstance(indicator, Linked):
        return
    dataset = DATASETS[indicator.dataset]
    if dataset.in_confidence:
        yield ("dataset",), f"{dataset.name} was told in confidence and is never linked to a person"
    elif "person" not in dataset.columns(vocabulary):
        linked = [name for name, each in DATASETS.items() if "person" in each.columns(vocabulary)]
        yield ("dataset",), f"{dataset.name} does not say which person; it is one of {', '.join(linked)}"


def _wording(indicator: Indicator) -> _Found:
    if not isinstance(indicator, Share):
        return
    if indicator.part is not None and indicator.value is not None:
        yield (), "part picks out people and value sums money; give one of the two"
    elif (indicator.part is not None or indicator.value is not None) != (indicator.part_words is not None):
        yield (), "part_words names what part or value picks out; give both or neither"


def _survey(indicator: Indicator) -> _Found:
    """What a figure asks about is said of surveys alone: other figures are of their window."""
    if indicator.asks_about is not None and not is_of_a_survey(indicator):
        words = f"{indicator.dataset} comes every quarter, so its figures are of their window; leave it out"
        yield ("asks_about",), words


def _agreement(indicator: Indicator, catalogue: Catalogue) -> _Found:
    """An agreement that nothing records withholds a figure; one that is misspelt would do so in silence."""
    needed_of, recorded = indicator.needs_agreement, catalogue.organisation.agreements
    if needed_of is not None and needed_of not in recorded:
        yield (
            ("needs_agreement",),
            f"organisation.yaml has no agreement {needed_of!r}{nearest(needed_of, recorded)}",
        )


def _stages(name: str, indicator: Indicator, catalogue: Catalogue) -> _Found:
    """Stages are indicators of rows on the same dataset, over the same window; their picture has a name of its own."""
    if not isinstance(indicator, Rows):
        return
    of_rows = {name: each for name, each in catalogue.indicators.items() if isinstance(each, Rows)}
    for stage in indicator.stages:
        found = of_rows.get(stage)
        if found is None:
            yield ("stages",), f"no indicator of rows {stage!r}{nearest(stage, of_rows)}"
        elif (found.dataset, found.quarters) != (indicator.dataset, indicator.quarters):
            yield ("stages",), f"{stage} counts another dataset or another number of quarters"
    if indicator.stages and f"{name}_stages" in catalogue.indicators:
        yield ("stages",), f"the picture of the stages would be called as the indicator {name}_stages is"


def _house_style(catalogue: Catalogue) -> Iterator[Mistake]:
    style = catalogue.house_style
    for theme in sorted({indicator.theme for indicator in catalogue.indicators.values()} - set(style.themes)):
        yield Mistake("house_style", ("themes",), f"no words for the theme {theme}")
    used = {
        breakdown for indicator in catalogue.indicators.values() for breakdown in broken_down_by(indicator)
    }
    for breakdown in sorted(used - set(style.breakdowns)):
        yield Mistake("house_style", ("breakdowns",), f"no words for the breakdown {breakdown}")
    for group in ("white", "ethnic_minority", "unknown"):
        if group not in style.groups:
            yield Mistake("house_style", ("groups",), f"no words for the group {group}")


def _avoided_words(catalogue: Catalogue) -> Iterator[Mistake]:
    """Find words that the house style avoids in what people write for a report to pass on as it is."""
    paper = catalogue.board_paper.model_dump() if catalogue.board_paper else {}
    reasons = {
        day.isoformat(): {vintage: each.model_dump() for vintage, each in vintages.items()}
        for day, vintages in catalogue.revisions.items()
    }
    for file, written in (("board_paper", paper), ("revisions", reasons)):
        for path, text in _texts(written):
            for word in catalogue.house_style.avoided_in(text):
                words = f"{word!r} is a word that the house style avoids (house_style.yaml, avoid); say it in another"
                yield Mistake(file, path, words)


def _texts(written: object, path: tuple[Hashable, ...] = ()) -> Iterator[tuple[tuple[Hashable, ...], str]]:
    """Yield every text of keys and lists within each other, with its path."""
    match written:
        case str():
            yield path, written
        case dict():
            for key, each in written.items():
                yield from _texts(each, (*path, key))
        case list() | tuple():
            for at, each in enumerate(written):
                yield from _texts(each, (*path, at))


def predicates_of(catalogue: Catalogue) -> dict[str, dict[str, pl.Expr]]:
    """Return the predicates of every indicator of a sound catalogue as Polars expressions, by their key."""
    vocabulary = vocabulary_of(catalogue)
    return {
        name: {
            key: resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
            for key, dataset in datasets_of(indicator).items()
            if (predicate := getattr(indicator, key)) is not None
        }
        for name, indicator in catalogue.indicators.items()
    }
