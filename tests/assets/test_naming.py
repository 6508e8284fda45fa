"""What a release says of how it was made, and whose code a version is of."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import tomllib
from pathlib import Path
from typing import Protocol

import grimp
import pytest

from assets.naming import code_version, described
from pipelines.definitions import assets_of
from resources.catalogue import DEFAULT, load_catalogue
from resources.source_code import SourceTree

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]
CALLS = {
    f"assets.{path.stem}": [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "described"
    ]
    for path in sorted((ROOT / "assets").glob("*.py"))
}
ENTRIES = [module for module, calls in CALLS.items() if calls]


class Finished(Protocol):
    storage: Path
    key: str


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Give the imports of this project as import-linter's own graph has them."""
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


def reached(graph: grimp.ImportGraph, entry: str) -> set[str]:
    """Return a module, what it imports and the packages they lie in, and so on."""
    found: set[str] = set()
    left = {entry}
    while left:
        each = left.pop()
        found.add(each)
        further = graph.find_modules_directly_imported_by(each) | {each.rpartition(".")[0] or each}
        left |= {name for name in further if name in graph.modules} - found
    return found


def place_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


def test_a_release_names_the_pinned_dependencies_it_was_made_with(finished_sample: Finished) -> None:
    published = finished_sample.storage / "published" / finished_sample.key
    provenance = json.loads((published / "provenance.json").read_text(encoding="utf-8"))
    lock = ROOT / "requirements.lock"
    assert provenance["dependencies"] == hashlib.sha256(lock.read_bytes()).hexdigest()
    assert provenance["software"] == code_version()
    assert 'href="provenance.json"' in (published / "index.html").read_text(encoding="utf-8")


def test_whoever_asks_for_a_version_asks_for_that_of_its_own_module() -> None:
    assert {call for calls in CALLS.values() for call in calls} == {"described(__name__)"}
    assert "assets.auditing" in ENTRIES


def test_every_asset_has_the_version_of_the_module_that_defines_it() -> None:
    for asset in assets_of(load_catalogue(DEFAULT)):
        (module,) = {asset.op.compute_fn.decorated_fn.__module__}
        assert set(asset.code_versions_by_key.values()) == {described(module)}, module


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_modules_behind_each_are_those_of_the_import_graph(graph: grimp.ImportGraph, entry: str) -> None:
    tree = SourceTree(ROOT, PACKAGES)
    assert tree.version(entry) == described(entry)
    behind = {place for place in tree.behind(entry) if place.endswith(".py")}
    migrations = {place for place in behind if place.startswith("resources/databases/migrations/")}
    assert behind - migrations == {place_of(module) for module in reached(graph, entry)}


def test_every_template_sheet_and_schema_is_behind_the_release() -> None:
    data = {
        path for package in ("reports", "resources") for path in (ROOT / package).rglob("*") if path.is_file()
    }
    places = {path.relative_to(ROOT).as_posix() for path in data if path.suffix not in {".py", ".pyc"}}
    assert len(places) > 10
    assert places <= SourceTree(ROOT, PACKAGES).behind("assets.release")


def test_any_byte_behind_an_asset_or_an_audit_changes_its_version_and_no_other_byte_does(
    tmp_path: Path,
) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    whole = SourceTree(tmp_path, PACKAGES)
    versions = {entry: whole.version(entry) for entry in ENTRIES}
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        held = path.read_bytes()
        path.write_bytes(held + b"#")
        tree, place = SourceTree(tmp_path, PACKAGES), path.relative_to(tmp_path).as_posix()
        changed = {entry for entry in ENTRIES if tree.version(entry) != versions[entry]}
        assert changed == {entry for entry in ENTRIES if place in whole.behind(entry)}, place
        path.write_bytes(held)
