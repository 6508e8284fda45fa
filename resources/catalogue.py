"""The catalogue folder: its YAML and CSV as models; each mistake with file, line, key and nearest word."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import types
import typing
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, TypeAdapter, ValidationError

from disparity.catalogue import (
    BoardPaper,
    Catalogue,
    HouseStyle,
    Indicator,
    Method,
    Organisation,
    Policy,
    Revisions,
    Source,
    Survey,
    Target,
)
from disparity.catalogue.borrowed import borrowed, borrowed_lines, borrowed_targets, written_in
from disparity.catalogue.checks import mistakes, wrong_words
from disparity.catalogue.commentary import Commentary, Lexicon, read_commentary
from disparity.catalogue.expectations import Expectations
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.ethnicity import Code, Crosswalk
from disparity.formulas import without_apostrophe
from disparity.model import Name
from disparity.periods import Quarter
from disparity.populations.class_limit import class_mistakes
from disparity.predicates import nearest
from disparity.refusal import Refusal, refuse
from resources.catalogue_files import text_of
from resources.examples import examples
from resources.yaml_lines import Document, KeyPath, read_yaml

DEFAULT = Path(__file__).resolve().parent.parent / "catalogue"

_KINDS: dict[str, Any] = {
    "organisation": Organisation,
    "sources": dict[Name, Source],
    "survey": Survey,
    "indicators": dict[Name, Indicator],
    "house_style": HouseStyle,
    "expectations": Expectations,
}
# Words that an organisation may leave out.
_MAY_LACK: dict[str, Any] = {"board_paper": BoardPaper, "revisions": Revisions, "targets": dict[Name, Target]}
COMMENTARY = "commentary"
REVISIONS = "revisions.yaml"
_BORROWED = (
    "this is what an example catalogue says of an invented organisation; write your own or take it out "
    "(a catalogue that is about nobody says invented: true in organisation.yaml)"
)
_KEY = "[key]"
_FIELDS = 2


def load_catalogue(folder: Path, *, today: dt.date | None = None) -> Catalogue:
    """Read a catalogue folder, as on the day ``today`` (the clock's, by default).

    Raises Refusal whose sentences list every mistake: file, line, key path, what was expected and the nearest
    right word. What must agree between files is looked at once each of them is right.
    """
    if not folder.is_dir():
        raise refuse(
            "there is no such folder",
            where=str(folder),
            rule="a catalogue is a folder of YAML and CSV files",
            do="name an existing folder with --catalogue or RACE_EQUALITY_CATALOGUE",
        )
    found: list[str] = []
    kinds = _KINDS | {name: kind for name, kind in _MAY_LACK.items() if (folder / f"{name}.yaml").exists()}
    documents = {name: read_yaml(folder / f"{name}.yaml") for name in kinds}
    policies = {path.stem: read_yaml(path) for path in _policies(folder)}
    parts = {name: _checked(kind, documents[name], found) for name, kind in kinds.items()}
    parts["policies"] = {name: _checked(Policy, document, found) for name, document in policies.items()}
    parts["ethnicity"] = _crosswalk(folder / "ethnicity.csv", found)
    if not found:
        catalogue = Catalogue(**parts)
        day = today or dt.datetime.now(ZoneInfo("Europe/London")).date()
        wrong = mistakes(catalogue, day, class_mistakes)
        found = [_line(documents[each.file], each.path, each.words) for each in wrong]
        # Two sources may take their words from one file: what is wrong in it is told once.
        found += dict.fromkeys(_word_lists(folder, catalogue, documents["sources"]))
        catalogue = catalogue.model_copy(update={"commentary": _commentaries(folder, catalogue, found)})
        if not catalogue.organisation.invented:
            found += _borrowed(folder, catalogue, documents)
    if found:
        raise Refusal("\n".join(found))
    return catalogue


def method_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of each part of a catalogue's method, by its name in `Method`.

    A part is what its files say: comments, blanks and quotes change nothing; the order of entries does, since reports
    follow it. The lists of words that sources name belong to the sources. The folder is one that `load_catalogue` takes.
    """
    return {
        part: hashlib.sha256(
            json.dumps(_written(folder, part), ensure_ascii=False, default=str).encode()
        ).hexdigest()
        for part in Method.model_fields
    }


def _written(folder: Path, part: str) -> Any:
    """Return what the files of a part of the method say, as plain values."""
    match part:
        case "policies":
            return {path.stem: read_yaml(path).value for path in _policies(folder)}
        case "ethnicity":
            return [row for _, row in _rows_of(folder / "ethnicity.csv")]
    written = read_yaml(folder / f"{part}.yaml").value
    if part == "sources":
        named = {file for source in written.values() for file in source.get("values_from", {}).values()}
        return [written, {file: [row for _, row in _lines_of(folder / file)] for file in sorted(named)}]
    return written


def _policies(folder: Path) -> list[Path]:
    return sorted((folder / "policies").glob("*.yaml"))


def _checked(kind: Any, document: Document, found: list[str]) -> Any:
    """Return a file's value as its model, or add what is wrong with it to ``found``."""
    try:
        return TypeAdapter(kind).validate_python(document.value)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            place = _Place.of(kind, each["loc"])
            found.append(_line(document, place.keys, _expected(each, place.known)))
    return None


def _line(document: Document, path: KeyPath, words: str) -> str:
    key = ".".join(map(str, path)) or "(the whole file)"
    return f"{document.path}, line {document.line_of(path)}, {key}: {words}"


class _Place(typing.NamedTuple):
    """Where an error lies: the keys as they stand in the file, and the keys known beside the last one."""

    keys: tuple[Hashable, ...]
    known: tuple[str, ...]

    @classmethod
    def of(cls, kind: Any, path: Sequence[int | str]) -> _Place:
        """Follow a path through the models. Pydantic adds an indicator's kind; no file has that key."""
        keys: list[Hashable] = []
        known: tuple[str, ...] = ()
        for part in path:
            kind = _plain(kind)
            if part == _KEY:
                continue
            if isinstance(kind, tuple):
                kind = next((each for each in kind if part in _tags(each)), None)
                continue
            keys.append(part)
            known = tuple(kind.model_fields) if _is_model(kind) else ()
            kind = _inside(kind, part)
        return cls(tuple(keys), known)


def _plain(kind: Any) -> Any:
    """Return a type without annotations and without None: a model, a container, or the models of a union."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        choices = tuple(each for each in typing.get_args(kind) if each is not type(None))
        return _plain(choices[0]) if len(choices) == 1 else choices
    return kind


def _inside(kind: Any, part: int | str) -> Any:
    if _is_model(kind):
        return kind.model_fields[part].annotation if part in kind.model_fields else None
    arguments = typing.get_args(kind)
    return arguments[1] if typing.get_origin(kind) is dict else arguments[0] if arguments else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _tags(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind.model_fields["kind"].annotation) if _is_model(kind) else ()


def _expected(error: Mapping[str, Any], known: tuple[str, ...]) -> str:
    """Say what was expected, and the nearest right word."""
    kind, context, wrong = error["type"], error.get("ctx", {}), str(error.get("input"))
    words = _KIND_WORDS.get(kind) or error["msg"][0].lower() + error["msg"][1:]
    if kind == "extra_forbidden":
        words = f"no such key{nearest(_wrong_key(error), known)}"
    elif kind == "literal_error":
        words = f"expected {context['expected']}{nearest(wrong, _quoted(context['expected']))}"
    elif kind == "union_tag_invalid":
        tags = context["expected_tags"]
        words = f"expected a kind among {tags}{nearest(str(context['tag']), _quoted(tags))}"
    elif kind == "value_error":
        words = str(context["error"])
    elif kind == "string_pattern_mismatch" and error["loc"][-1] == _KEY:
        words = "a name is lower-case letters, digits and _, beginning with a letter"
    return words


_KIND_WORDS = {
    "missing": "this key is needed and is not there; add it",
    "union_tag_not_found": "the key kind is needed and is not there; add it",
    "string_type": "expected text; put quotes around it",
    "dict_type": "expected keys with values under them",
    "model_type": "expected keys with values under them",
    "tuple_type": "expected a list",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "date_type": "expected a date such as 2026-07-01",
    "date_from_datetime_parsing": "expected a date such as 2026-07-01",
}


def _wrong_key(error: Mapping[str, Any]) -> str:
    """Return the key that an error is about."""
    return str(error["loc"][-1])


def _quoted(words: str) -> list[str]:
    """Return the words of Pydantic's list ``'a', 'b' or 'c'``."""
    return words.split("'")[1::2]


def _crosswalk(path: Path, found: list[str]) -> Crosswalk | None:
    """Read the ethnic codes, or add what is wrong with them to ``found``."""
    rows = list(_rows_of(path))
    codes, before = [], len(found)
    for number, row in rows:
        try:
            codes.append(Code.model_validate(row))
        except ValidationError as error:
            found += [_cell_line(path, number, each) for each in error.errors(include_url=False)]
    if len(found) > before:
        return None
    try:
        return Crosswalk(codes=tuple(codes))
    except ValidationError as error:
        found += [f"{path}: {each['ctx']['error']}" for each in error.errors(include_url=False)]
        return None


def _rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with the number of its last line. A cell too many has the heading "(no heading)"."""
    try:
        lines = io.StringIO(text_of(path, encoding="utf-8-sig", newline=""), newline="")
        reader = csv.DictReader(lines, restkey="(no heading)", strict=True)
        for row in reader:
            yield reader.line_num, {key: cell for key, cell in row.items() if cell is not None}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = "the file is not there or is not CSV in UTF-8"
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            what = f"the file cannot be opened ({error.strerror})"
        raise refuse(
            what,
            where=str(path),
            rule="the catalogue holds the ethnic codes",
            do="copy it from the default catalogue and change it there",
        ) from None


def _word_lists(folder: Path, catalogue: Catalogue, sources: Document) -> Iterator[str]:
    """Say what is wrong with the files of words that the sources name, in their lines."""
    vocabulary = vocabulary_of(catalogue)
    for name, source in catalogue.sources.items():
        columns = DATASETS[name].columns(vocabulary) if name in DATASETS else {}
        for column, file in source.values_from.items():
            if column not in columns:
                continue
            path = folder / file
            try:
                lines = _lines_of(path)
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                words = _no_list(path, error)
                yield _line(sources, (name, "values_from", column), words)
                continue
            ours = [row[1] for _, row in lines if len(row) == _FIELDS]
            wrong = wrong_words(column, columns[column], ours, vocabulary, catalogue.ethnicity)
            for number, words in _wrong_lines(lines, wrong):
                yield f"{path}, line {number}, {column}: {words}"


def _commentaries(folder: Path, catalogue: Catalogue, found: list[str]) -> dict[str, Commentary]:
    """Read what quarters' reports are given to say, or add what is wrong with it to ``found``."""
    lexicon = Lexicon(catalogue.indicators, catalogue.organisation, catalogue.house_style)
    read: dict[str, Commentary] = {}
    for path in sorted((folder / COMMENTARY).glob("*.md")):
        try:
            quarter = Quarter.from_key(path.stem)
            text = text_of(path)
        except UnicodeDecodeError:
            found.append(f"{path}: it is not UTF-8; save it as that")
        except ValueError:
            found.append(f"{path}: a commentary is named by its quarter's first day, such as 2026-07-01.md")
        except OSError as error:
            found.append(f"{path} cannot be opened ({error.strerror}); let this account read it")
        else:
            commentary, wrong = read_commentary(text, lexicon)
            found += [f"{path}, line {each.line}: {each.words}" for each in wrong]
            if commentary is not None:
                read[quarter.key] = commentary
    return read


def _borrowed(folder: Path, catalogue: Catalogue, documents: Mapping[str, Document]) -> Iterator[str]:
    """Say which words and targets of a real organisation's catalogue are those of an example, in their lines."""
    texts = [text for example in examples() for text in example.texts]
    own = written_in(catalogue.organisation, catalogue.board_paper, catalogue.revisions)
    for each in borrowed(own, texts):
        yield _line(documents[each.file], each.path, _BORROWED)
    for target in dict.fromkeys(
        name for example in examples() for name in borrowed_targets(catalogue.targets, example.targets)
    ):
        yield _line(documents["targets"], (target,), _BORROWED)
    for key in catalogue.commentary:
        path = folder / COMMENTARY / f"{key}.md"
        for line in borrowed_lines(text_of(path), texts):
            yield f"{path}, line {line}: {_BORROWED}"


def _wrong_lines(
    lines: Sequence[tuple[int, list[str]]], wrong: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    meant: dict[str, str] = {}
    for number, row in lines:
        if len(row) != _FIELDS:
            yield number, f"a line has two fields, their word and ours; this one has {len(row)}"
            continue
        theirs, ours = without_apostrophe(row[0]), row[1]
        if ours in wrong:
            yield number, wrong[ours]
        elif meant.setdefault(theirs, ours) != ours:
            yield number, f"{theirs!r} has a second meaning here; keep one"


def _lines_of(path: Path) -> list[tuple[int, list[str]]]:
    """Return the trimmed fields of every line below the headings that is not blank, by the number of its last line."""
    reader = csv.reader(io.StringIO(text_of(path, encoding="utf-8-sig", newline=""), newline=""), strict=True)
    rows = [(reader.line_num, [field.strip() for field in row]) for row in reader]
    return [(number, row) for number, row in rows[1:] if any(row)]


def _no_list(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        beside = [each.name for each in sorted(path.parent.glob("*.csv"))]
        return f"{path.name} is not in the catalogue folder{nearest(path.name, beside)}"
    if isinstance(error, OSError):
        return (
            f"{path.name} cannot be opened ({error.strerror}); let the account that runs the pipeline read it"
        )
    return f"{path.name} is not CSV in UTF-8; save it as that"


def _cell_line(path: Path, number: int, error: Mapping[str, Any]) -> str:
    words = _expected(error, tuple(Code.model_fields))
    return f"{path}, line {number}, {_wrong_key(error)}: {words}"
