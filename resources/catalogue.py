"""The catalogue folder: read its YAML and CSV into models, and word a mistake with file, line, key and nearest word."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from disparity.catalogue import Catalogue, HouseStyle, Indicator, Organisation, Policy, Source, Survey
from disparity.catalogue.checks import Mistake, mistakes
from disparity.catalogue.expectations import Expectations
from disparity.ethnicity import Code, Crosswalk
from disparity.predicates import nearest
from disparity.refusal import Refusal, refuse
from resources.yaml_lines import Document, read_yaml

DEFAULT = Path(__file__).resolve().parent.parent / "catalogue"


def load_catalogue(folder: Path) -> Catalogue:
    """Read a catalogue folder.

    Raises Refusal whose sentence lists every mistake: file, line, key path, what was expected and the nearest right word.
    """
    if not folder.is_dir():
        raise refuse(
            "there is no such folder", where=str(folder), rule="a catalogue is a folder of YAML and CSV files",
            do="name an existing folder with --catalogue or RACE_EQUALITY_CATALOGUE",
        )  # fmt: skip
    documents = {
        name: read_yaml(folder / f"{name}.yaml")
        for name in ("organisation", "sources", "survey", "indicators", "house_style", "expectations")
    }
    policies = {path.stem: read_yaml(path) for path in sorted((folder / "policies").glob("*.yaml"))}
    catalogue = Catalogue(
        organisation=_model(Organisation, documents["organisation"]),
        sources=_model(dict[str, Source], documents["sources"]),
        survey=_model(Survey, documents["survey"]),
        indicators=_model(dict[str, Indicator], documents["indicators"]),
        house_style=_model(HouseStyle, documents["house_style"]),
        expectations=_model(Expectations, documents["expectations"]),
        policies={name: _model(Policy, document) for name, document in policies.items()},
        ethnicity=_crosswalk(folder / "ethnicity.csv"),
    )
    found = mistakes(catalogue)
    if found:
        raise Refusal("\n".join(_pointed_at(mistake, documents) for mistake in found))
    return catalogue


def catalogue_hash(folder: Path) -> str:
    """Return the sha256 over every file of the catalogue, names and bytes, in order."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _model(kind: Any, document: Document) -> Any:
    try:
        return TypeAdapter(kind).validate_python(document.value)
    except ValidationError as error:
        raise Refusal("\n".join(_worded(each, document) for each in error.errors(include_url=False))) from None


def _worded(error: Mapping[str, Any], document: Document) -> str:
    path = tuple(part for part in error["loc"] if not _is_union_tag(part, document, error["loc"]))
    key = ".".join(map(str, path)) or "(the whole file)"
    return f"{document.path}, line {document.line_of(path)}, {key}: {_expected(error)}"


def _is_union_tag(part: object, document: Document, path: tuple[object, ...]) -> bool:
    """A discriminated union puts its tag into the path, where the file has no such key."""
    return part in _TAGS and path.index(part) == 1


_TAGS = ("rows", "mean", "share", "linked", "coverage", "rate")


def _expected(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    wrong = error.get("input")
    worded: dict[str, Callable[[], str]] = {
        "missing": lambda: "this key is needed and is not there; add it",
        "extra_forbidden": lambda: f"no such key{nearest(str(error['loc'][-1]), _keys_of(error['loc']))}",
        "literal_error": lambda: f"expected {context['expected']}{nearest(str(wrong), _quoted(context['expected']))}",
        "union_tag_invalid": lambda: f"expected a kind among {context['expected_tags']}"
        f"{nearest(str(context['tag']), _quoted(context['expected_tags']))}",
        "value_error": lambda: str(context["error"]),
    }
    return worded.get(error["type"], lambda: error["msg"][0].lower() + error["msg"][1:])()


def _quoted(words: str) -> list[str]:
    return [word.strip(" '") for word in words.replace(" or ", ", ").split(",")]


def _keys_of(path: tuple[object, ...]) -> list[str]:
    """Return every key that any model of the catalogue knows: the right word for a misspelt one is among them."""
    from disparity.catalogue import indicators, organisation, policies, sources, style, survey

    models = [
        model
        for module in (indicators, organisation, policies, sources, style, survey)
        for model in vars(module).values()
        if isinstance(model, type) and hasattr(model, "model_fields")
    ]
    return sorted({name for model in models for name in model.model_fields})


def _crosswalk(path: Path) -> Crosswalk:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError:
        raise refuse(
            "the file is not there or cannot be read", where=str(path), rule="the catalogue holds the ethnic codes",
            do="copy it from the default catalogue and change it there",
        ) from None  # fmt: skip
    codes = []
    for number, row in enumerate(rows, start=2):
        try:
            codes.append(Code.model_validate(row))
        except ValidationError as error:
            worded = "; ".join(f"{'.'.join(map(str, each['loc']))}: {_expected(each)}" for each in error.errors())
            raise Refusal(f"{path}, line {number}: {worded}") from None
    if not any(code.answer == "not_known" for code in codes):
        raise Refusal(f"{path}: no code has the answer not_known; a blank ethnicity needs one. Add the code 99.")
    return Crosswalk(codes=tuple(codes))


def _pointed_at(mistake: Mistake, documents: Mapping[str, Document]) -> str:
    document = documents[mistake.file]
    key = ".".join(map(str, mistake.path))
    return f"{document.path}, line {document.line_of(mistake.path)}, {key}: {mistake.words}"
