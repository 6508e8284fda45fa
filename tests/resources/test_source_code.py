"""The source behind a module, in small projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.source_code import SourceTree

SMALL = {
    "a/__init__.py": "",
    "a/entry.py": "import b.deep.one\nfrom a import sibling, NAME\n\ndef work():\n    from b import late\n",
    "a/sibling.py": "from .relative import x\nfrom . import also\n",
    "a/relative.py": 'import a.last\nx = """\n@page {}\n"""\ndef late():\n    pass\n',
    "a/also.py": "",
    "a/last.py": "",
    "a/unused.py": "import a.entry\n",
    "b/__init__.py": "from b import always\n",
    "b/always.py": "import a.entry\n",
    "b/deep/__init__.py": "",
    "b/deep/one.py": "import json, scipy\nfrom outside import thing\n",
    "b/deep/two.py": "",
    "b/late.py": (
        "import typing\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import b.typed\nelse:\n    import b.untyped\n"
        "if typing.TYPE_CHECKING:\n    from b import typed\n"
        "try:\n    import b.tried\nexcept ImportError:\n    import b.excepted\nfinally:\n    import b.at_last\n"
        "class Kind:\n    def method(self):\n        with open('x'):\n            import b.in_method\n"
        "match 1:\n    case 1:\n        import b.in_case\n"
        "async def later():\n    import b.in_coroutine\n"
        'def words():\n    """Take\n    import b.worded\n    """\n'
    ),
    **{
        f"b/{name}.py": ""
        for name in (
            "typed", "untyped", "tried", "excepted", "at_last", "in_method", "in_case", "in_coroutine", "worded"
        )
    },
    "outside/__init__.py": "",
    "outside/thing.py": "",
}  # fmt: skip
BEHIND = {
    "a/__init__.py", "a/entry.py", "a/sibling.py", "a/relative.py", "a/also.py", "a/last.py", "b/__init__.py",
    "b/always.py", "b/deep/__init__.py", "b/deep/one.py", "b/late.py", "b/untyped.py", "b/tried.py", "b/excepted.py",
    "b/at_last.py", "b/in_method.py", "b/in_case.py", "b/in_coroutine.py",
}  # fmt: skip


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_behind_a_module_is_what_it_and_those_it_imports_import(tmp_path: Path) -> None:
    assert SourceTree(written(tmp_path, SMALL), ("a", "b")).behind("a.entry") == BEHIND


@pytest.mark.parametrize("changed", [name for name in SMALL if not name.startswith("outside")])
def test_a_byte_behind_a_module_changes_its_version_and_no_other_byte_does(
    tmp_path: Path, changed: str
) -> None:
    before = SourceTree(written(tmp_path, SMALL), ("a", "b")).version("a.entry")
    assert SourceTree(tmp_path, ("b", "a")).version("a.entry") == before
    with (tmp_path / changed).open("a", encoding="utf-8") as source:
        source.write("#")
    assert (SourceTree(tmp_path, ("a", "b")).version("a.entry") != before) == (changed in BEHIND)


@pytest.mark.parametrize(
    ("reader", "read"),
    [
        ('from importlib.resources import files\nfiles("a").joinpath("style.css")\n', True),
        ('from jinja2 import PackageLoader\nPackageLoader(\n    "a"\n)\n', True),
        ("from pathlib import Path\nPath(__file__).parent\n", True),
        ('from importlib.resources import files\nfiles("matplotlib")\n', False),
        ("import a.within.reader\n", False),
    ],
)
def test_files_of_a_package_count_with_a_module_that_reads_them(
    tmp_path: Path, reader: str, read: bool
) -> None:
    data = {"a/style.css", "a/templates/page.jinja", "a/migrations/0001_first.py"}
    files = {"a/__init__.py": "", "a/entry.py": "import a.reader\n", "a/reader.py": reader}
    others = {
        "a/unused.py",
        "a/within/__init__.py",
        "a/within/reader.py",
        "a/within/its_own.txt",
        "a/__pycache__/x.pyc",
    }
    found = SourceTree(written(tmp_path, files | dict.fromkeys(data | others, "")), ["a"]).behind("a.entry")
    assert found - {"a/within/__init__.py", "a/within/reader.py"} == files.keys() | (data if read else set())


def test_a_file_that_is_moved_is_another_version(tmp_path: Path) -> None:
    files = {"a/__init__.py": "from a import one, two\n", "a/one.py": "1\n", "a/two.py": "2\n"}
    before = SourceTree(written(tmp_path / "before", files), ["a"]).version("a")
    files |= {"a/one.py": "2\n", "a/two.py": "1\n"}
    assert SourceTree(written(tmp_path / "after", files), ["a"]).version("a") != before


def test_a_module_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"a\.lost"):
        SourceTree(written(tmp_path, SMALL), ["a"]).version("a.lost")
