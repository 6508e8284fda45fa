"""Canaries: nothing that a person typed, or that is typed about one, is found outside the landing folder.

The program beside this test plants canaries in every column of every extract, and in files that are broken, and runs jobs
that end well and jobs that fail. Here every byte they wrote is searched: Dagster's event log, run storage and captured
output, the lake, both databases, reports, profiles, temporary files, and what was said on the command line.

What may be found, and why:

- in the lake, which its owner alone may read, a date in a column of dates, a number in a column of numbers, and a word of
  the catalogue's own list of ethnic codes: they are values of columns on the allow-list, kept to be judged and counted.
  They stay in ``received`` and ``records`` of their dataset and in their own column, whether their row was rejected or not;
- in what ``race-equality check`` answers, a heading that is left behind, a word of ethnicity that is not known and
  the names of the sheets there are, for it answers whoever holds the file.

An identifier passes as a pseudonym alone, which stays in those two places of the lake too. Nothing else is found anywhere.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import hmac
import html
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from PIL import Image, PngImagePlugin

from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.catalogue import DEFAULT, load_catalogue
from resources.pseudonyms import PseudonymKeys

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("canary_runs.py")
BEFORE, QUARTER = "2025-10-01", "2026-01-01"
FEW = (
    "ethnic_minority_share_of_staff",
    "appointed_from_shortlisting",
    "harassment_from_public",
    "non_mandatory_training",
    "training_spend_per_head",
    "leavers_per_100_staff",
    "would_recommend",
)


# What is searched


@dataclass(frozen=True)
class Document:
    """Something to search: where it stands, which of its columns it is (or ""), and its bytes."""

    place: str
    column: str
    content: bytes


def documents(folder: Path) -> Iterator[Document]:
    """Yield whatever stands below a folder: names, bytes, and what lies inside databases and containers."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        yield Document(place, "(name)", path.name.encode())
        if path.is_file():
            content = path.read_bytes()
            if content.startswith(b"SQLite format 3"):
                yield Document(place, "", content)
                yield from _of_database(path, place)
            else:
                yield from _of_bytes(place, "", content)


def _of_bytes(place: str, column: str, content: bytes) -> Iterator[Document]:
    """Yield bytes as they are, and what they hold when they are a container or hold one in base64."""
    yield Document(place, column, content)
    if content.startswith(b"PAR1"):
        for series in pl.read_parquet(io.BytesIO(content)):
            values = "\n".join(map(str, series.drop_nulls().to_list()))
            yield Document(place, series.name, values.encode())
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                yield from _of_bytes(place, f"{column}/{name}", parts.read(name))
    elif content.startswith(b"\x89PNG"):
        told = Image.open(io.BytesIO(content)).info
        yield Document(place, column, "\n".join(map(str, told.values())).encode())
    else:
        for unpacked in _unpacked(content):
            yield from _of_bytes(place, column, unpacked)
    for found in re.finditer(rb"[A-Za-z0-9+/]{100,}", content):
        held = base64.b64decode(found[0][: len(found[0]) // 4 * 4])
        if held.startswith((b"\x89PNG", b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\x78")):
            yield from _of_bytes(place, column, held)


def _unpacked(content: bytes) -> Iterator[bytes]:
    with contextlib.suppress(OSError, EOFError, zlib.error):
        if content.startswith(b"\x1f\x8b"):
            yield gzip.decompress(content)
        elif content.startswith(b"\x78"):
            yield zlib.decompress(content)


def _of_database(path: Path, place: str) -> Iterator[Document]:
    """Yield every value of every table. The file is copied with its write-ahead log, so that reading changes neither."""
    copy = path.with_name(f".copy-{path.name}")
    beside = [path, *(path.with_name(path.name + end) for end in ("-wal", "-journal"))]
    copies = [each.with_name(each.name.replace(path.name, copy.name, 1)) for each in beside]
    try:
        for one, other in zip(beside, copies, strict=True):
            if one.exists():
                shutil.copyfile(one, other)
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            connection.text_factory = bytes
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                rows = connection.execute(f'SELECT * FROM "{table.decode()}"').fetchall()
                held = [each for row in rows for each in row if each is not None]
                for value in held:
                    if isinstance(value, bytes) and (len(value) > 100 or value.startswith(b"\x78")):
                        yield from _of_bytes(place, table.decode(), value)
                short = [each if isinstance(each, bytes) else str(each).encode() for each in held]
                yield Document(place, table.decode(), b"\n".join(short))
    finally:
        for each in [*copies, copy.with_name(f"{copy.name}-shm")]:
            each.unlink(missing_ok=True)


# What is searched for


@dataclass(frozen=True)
class Canary:
    """What is known of one canary: all but the texts may be told."""

    dataset: str
    heading: str
    column: str
    kind: str
    tells: tuple[str, ...]
    typed: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{self.dataset}.{self.heading}, {self.kind}"


@dataclass(frozen=True)
class Finding:
    """A canary that was found: which, in which form, and where."""

    canary: Canary
    form: str
    place: str
    column: str

    def __str__(self) -> str:
        return f"{self.canary.words}: {self.form} in {self.place}, {self.column or 'its bytes'}"


def forms_of(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the forms that a text may be written in, each with a name. Small and capital letters are not told apart."""
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        yield encoding, text.encode(encoding, errors="replace")
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "JSON in JSON", json.dumps(json.dumps(text)[1:-1])[1:-1].encode()
    yield "URL", urllib.parse.quote(text, safe="").encode()
    yield "form", urllib.parse.quote_plus(text).encode()
    yield "HTML", html.escape(text).encode()
    yield "representation", repr(text)[1:-1].encode()
    yield "hexadecimal", text.encode().hex().encode()
    for before in range(
        3
    ):  # where a text begins in a group of three bytes decides what its middle looks like
        encoded = base64.b64encode(b"\0" * before + text.encode())
        whole = len(encoded) - 4 if (before + len(text.encode())) % 3 else len(encoded)
        yield "base64", encoded[4 if before else 0 : whole]


def hashes_of(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the beginnings of a text's hashes without a key: whoever can guess a number can undo one."""
    for name in ("md5", "sha1", "sha256", "blake2b"):
        digest = hashlib.new(name, text.encode(), usedforsecurity=False).digest()
        yield name, digest.hex()[:24].encode()
        yield f"{name} in base64", base64.b64encode(digest)[:16]


def search(found_in: Iterable[Document], canaries: Iterable[Canary]) -> list[Finding]:
    """Return every canary in every document."""
    meant: dict[str, dict[Canary, str]] = {}
    for canary in canaries:
        for text in (*canary.tells, *canary.typed):
            for form, pattern in (*forms_of(text), *(hashes_of(text) if text in canary.typed else ())):
                meant.setdefault(pattern.decode("latin-1").lower(), {}).setdefault(canary, form)
    held = [*found_in]
    texts = pl.Series([each.content.decode("latin-1") for each in held], dtype=pl.String)
    matches = texts.str.extract_many([*meant], ascii_case_insensitive=True, overlapping=True)
    return [
        Finding(canary, form, document.place, document.column)
        for document, match in zip(held, matches.to_list(), strict=True)
        for pattern in sorted({each.lower() for each in match})
        for canary, form in meant[pattern].items()
    ]


# A search that finds nothing must be one that could


CANARY = Canary("leavers", "Comments", "", "name", ("Quoxivekaz", "QQ 12 34 56 C", "19.02.1937"))
SAID = "He says Quoxivekaz said so"


def _sqlite(path: Path, value: object) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE kept (value)")
        connection.execute("INSERT INTO kept VALUES (?)", (value,))


def _deleted_from_sqlite(path: Path) -> None:
    _sqlite(path, SAID)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM kept")


def _write_ahead_log(path: Path) -> None:
    """Leave a value in the log beside a database, compressed, as a process that was killed would."""
    program = (
        "import os, sqlite3, sys, zlib; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode = WAL');"
        "c.execute('CREATE TABLE kept (value)');"
        "c.execute('INSERT INTO kept VALUES (?)', (zlib.compress(sys.argv[2].encode() * 5),)); c.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, path, SAID], check=True)


def _png(path: Path) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SAID, zip=True)
    Image.new("RGB", (9, 9)).save(path, "PNG", pnginfo=told)


def _page(path: Path) -> None:
    _png(path)
    path.write_text(f'<img src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">')


def _parquet(path: Path, values: list[Any]) -> None:
    pl.DataFrame({"value": values}).write_parquet(path, compression="zstd", statistics=False)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("a/b.txt", gzip.compress(SAID.encode()))


CONTAINERS: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_text(SAID),
    "capitals": lambda path: path.write_text(SAID.upper()),
    "UTF-16": lambda path: path.write_bytes(SAID.encode("utf-16")),
    "JSON in JSON": lambda path: path.write_text(json.dumps(json.dumps({"é": f'"{SAID}"'}))),
    "URL": lambda path: path.write_text("x?y=QQ%2012%2034%2056%20C"),
    "form": lambda path: path.write_text("y=qq+12+34+56+c"),
    "hexadecimal": lambda path: path.write_text(SAID.encode().hex().upper()),
    "base64": lambda path: path.write_bytes(base64.b64encode(SAID.encode())),
    "base64 one further": lambda path: path.write_bytes(base64.b64encode(b"," + SAID.encode())),
    "base64 two further": lambda path: path.write_bytes(base64.b64encode(b",," + SAID.encode())),
    "gzip": lambda path: path.write_bytes(gzip.compress(SAID.encode())),
    "zip": _zip,
    "a PNG's words": _png,
    "a PNG in a page": _page,
    "parquet": lambda path: _parquet(path, ["", SAID]),
    "parquet, nested": lambda path: _parquet(path, [["", SAID]]),
    "parquet, bytes": lambda path: _parquet(path, [SAID.encode()]),
    "SQLite": lambda path: _sqlite(path, SAID),
    "SQLite, over many pages": lambda path: _sqlite(path, "." * 4000 + SAID * 99),
    "SQLite, compressed": lambda path: _sqlite(path, zlib.compress(SAID.encode() * 9)),
    "SQLite, deleted": _deleted_from_sqlite,
    "SQLite, write-ahead log": _write_ahead_log,
    "a file's name": lambda path: path.with_name("of Quoxivekaz.txt").touch(),
    "a folder's name": lambda path: path.with_name("Quoxivekaz").mkdir(),
}


@pytest.mark.parametrize("write", CONTAINERS.values(), ids=list(CONTAINERS))
def test_a_canary_is_found_in_every_kind_of_container(
    write: Callable[[Path], object], tmp_path: Path
) -> None:
    write(tmp_path / "file")
    before = sorted(tmp_path.rglob("*"))
    assert {each.canary for each in search(documents(tmp_path), [CANARY])} == {CANARY}
    assert sorted(tmp_path.rglob("*")) == before, "searching leaves nothing behind"


@pytest.mark.parametrize("way", ["md5", "sha1", "sha256", "blake2b"])
def test_a_hash_without_a_key_is_found(way: str, tmp_path: Path) -> None:
    canary = Canary("leavers", "NI Number", "", "ni_number", (), ("QQ123456C",))
    (tmp_path / "file").write_text(hashlib.new(way, b"QQ123456C").hexdigest())
    assert [each.form for each in search(documents(tmp_path), [canary])] == [way]


def test_a_date_and_a_number_are_found_in_typed_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"day": ["1937-02-19"], "cost": [4821397546031.25]}).with_columns(
        pl.col("day").str.to_date()
    )
    frame.write_parquet(tmp_path / "file")
    canaries = [
        Canary("learning_budget", "Date requested", "requested_date", "date", ("1937-02-19",)),
        Canary("learning_budget", "Cost", "cost", "number", ("4821397546031",)),
    ]
    found = search(documents(tmp_path), canaries)
    assert {(each.canary, each.column) for each in found} == {(canaries[0], "day"), (canaries[1], "cost")}


def test_other_texts_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("Quoxiveka z, QQ 12 34 56 D and 19.02.1938")
    assert search(documents(tmp_path), [CANARY]) == []


# The jobs


@dataclass(frozen=True)
class Searched:
    """What was planted, how the jobs ended, and what was found outside the landing folder."""

    folder: Path
    canaries: list[Canary]
    ended: dict[str, list[str]]
    findings: list[Finding]


def _run(folder: Path, catalogue_from: Callable[[Path, str], Path], how_many: str) -> Searched:
    from pipelines.sample import write_sample

    catalogue = catalogue_from(folder / "catalogue", BEFORE)
    every = yaml.safe_load((catalogue / "indicators.yaml").read_text(encoding="utf-8"))
    few = {name: every[name] | {"quarters": 1} for name in FEW}
    (catalogue / "indicators.yaml").write_text(yaml.safe_dump(few, sort_keys=False), encoding="utf-8")
    shutil.rmtree(catalogue / "commentary")  # it names indicators that are gone, and so do targets
    (catalogue / "targets.yaml").unlink()
    organisation = catalogue / "organisation.yaml"
    # Most rows are broken, and the job is to end well all the same.
    text = organisation.read_text(encoding="utf-8").replace(
        "reject_limit_percent: 5", "reject_limit_percent: 100"
    )
    organisation.write_text(text, encoding="utf-8")
    write_sample(folder / "landing", quarters=2, staff=300, last_quarter=Quarter.from_key(QUARTER))
    _start(folder, how_many)
    return _searched(folder)


def _start(folder: Path, how_many: str) -> None:
    """Run the program with a home, a place for temporary files and a working folder that are searched too."""
    outside = folder / "outside"
    for name in ("home", "tmp", "working", "said"):
        (outside / name).mkdir(parents=True)
    places = {
        "HOME": outside / "home",
        "TMPDIR": outside / "tmp",
        "POLARS_TEMP_DIR": outside / "tmp",
        "PYTHONPATH": ROOT,
    }
    with (outside / "said" / "out.txt").open("wb") as out, (outside / "said" / "err.txt").open("wb") as err:
        ended = subprocess.run(
            [sys.executable, PROGRAM, folder, how_many], cwd=outside / "working", stdout=out, stderr=err, check=False,
            env={**os.environ, **{name: str(place) for name, place in places.items()}}, timeout=900,
        )  # fmt: skip
    assert ended.returncode == 0, f"the program failed; {outside}/said/err.txt says why"


def _searched(folder: Path) -> Searched:
    planted = json.loads((folder / "landing" / "planted.json").read_text(encoding="utf-8"))
    canaries = [
        Canary(
            each["dataset"],
            each["heading"],
            each["column"],
            each["kind"],
            tuple(each["tells"]),
            tuple(map(str, each["typed"])),
        )
        for each in planted
    ]
    ended = json.loads((folder / "landing" / "ended.json").read_text(encoding="utf-8"))
    canaries += _pseudonyms(folder)
    return Searched(folder, canaries, ended, search(documents(folder / "outside"), canaries))


def _pseudonyms(folder: Path) -> Iterator[Canary]:
    """Yield the pseudonyms of the identifiers that were planted, with the key of their dataset and with the others' key."""
    keys = PseudonymKeys(bytes.fromhex(os.environ["RACE_EQUALITY_KEY"]))
    identifiers = json.loads((folder / "landing" / "identifiers.json").read_text(encoding="utf-8"))
    for each in identifiers:
        dataset = DATASETS[each["dataset"]]
        kinds = {"pseudonym": keys.for_dataset(dataset)}
        kinds |= {"pseudonym by the key of HR's records": keys.master} if dataset.in_confidence else {}
        for kind, key in kinds.items():
            hashes = tuple(hmac.digest(key, text.encode(), "sha256").hex()[:32] for text in each["texts"])
            yield Canary(dataset.name, each["heading"], each["column"], kind, hashes)


_READABLE = {"number": ("number", "pounds", "whole number"), "date": ("date",), "listed_code": ("ethnicity",)}
"""Kinds of canaries that are values of kinds of columns on the allow-list."""


def _may_be_there(found: Finding) -> bool:
    """Return whether a canary may be where it was found: see the top of this module."""
    canary = found.canary
    if canary.kind == "heading":
        return found.place.startswith("said/")
    kinds = (
        {name: each.kind for name, each in DATASETS[canary.dataset].columns(_VOCABULARY).items()}
        if canary.column
        else {}
    )
    kind = kinds.get(canary.column, "")
    if found.place == "said/check.txt" and (kind == "ethnicity" or canary.heading == "(file name)"):
        return True
    if kind not in (*_READABLE.get(canary.kind, ()), *(["identifier"] if canary.kind == "pseudonym" else [])):
        return False
    stages = [f"storage/lake/{stage}/{canary.dataset}/" for stage in ("received", "records")]
    return found.place.startswith(tuple(stages)) and found.column in (canary.column, "")


_VOCABULARY = vocabulary_of(load_catalogue(DEFAULT))


def _leaks(searched: Searched) -> list[str]:
    return sorted({str(each) for each in searched.findings if not _may_be_there(each)})


@pytest.fixture(scope="module")
def everything(
    tmp_path_factory: pytest.TempPathFactory, catalogue_from: Callable[[Path, str], Path]
) -> Searched:
    return _run(tmp_path_factory.mktemp("canaries"), catalogue_from, "all")


@pytest.mark.long
def test_nothing_typed_is_found_outside_the_landing_folder_after_jobs_that_end_well_and_one_that_fails(
    tmp_path: Path, catalogue_from: Callable[[Path, str], Path]
) -> None:
    searched = _run(tmp_path, catalogue_from, "few")
    assert _leaks(searched) == []
    assert set(searched.ended["an error in receiving"]) == set(), "a file that cannot be read is refused"
    planted = [each for each in searched.canaries if each.kind != "pseudonym"]
    assert {each.dataset for each in planted} == {*DATASETS, "landing"}
    tells = [text for each in planted for text in set(each.tells)]
    assert len(tells) == len(set(tells)), "every canary stands for one column"


@pytest.mark.long
def test_nothing_typed_is_found_outside_the_landing_folder(everything: Searched) -> None:
    assert _leaks(everything) == []


@pytest.mark.long
def test_what_may_be_kept_is_found_where_it_is_kept(everything: Searched) -> None:
    """That dates, numbers, listed codes and pseudonyms are found in the lake shows that rows came that far."""
    kept = {(each.canary.dataset, each.canary.column, each.canary.kind) for each in everything.findings}
    assert kept > {
        ("learning_budget", "cost", "number"),
        ("staff_in_post", "fte", "number"),
        ("recruitment", "opened_date", "date"),
        ("staff_in_post", "ethnic_code", "listed_code"),
    }
    pseudonymous = {(dataset, column) for dataset, column, kind in kept if kind == "pseudonym"}
    assert pseudonymous == {
        (name, column)
        for name, dataset in DATASETS.items()
        for column, described in dataset.columns(_VOCABULARY).items()
        if described.kind == "identifier"
    }


@pytest.mark.long
def test_the_jobs_ended_as_they_were_meant_to(everything: Searched) -> None:
    ended = {name: set(told) for name, told in everything.ended.items()}
    failed = {
        name: told for name, told in ended.items() if told and not name.startswith(("command", "program"))
    }
    in_words = (
        "a required extract refused", "records cut off", "records of another kind", "a file in the way",
        "internal refuses profile", "results refuses run",
    )  # fmt: skip
    stages = ("recording", "profiling", "counting", "protecting")
    assert failed == {
        **{job: {"Failure"} for job in in_words},
        **{f"an error in {stage}": {"UnforeseenError"} for stage in stages},
    }
    good = {
        "a quarter",
        "the next quarter",
        "publish",
        "a pointer cut off",
        "other formats",
        "files broken_10",
    }
    assert good <= ended.keys()
    commands = {name: told for name, told in ended.items() if name not in failed and told}
    assert commands == {
        "command check": {"1"},
        "program run": {"1"},
        "command publish": {"1"},
        "command status": {"0"},
        "command explain": {"0"},
        "command run": {"1"},
    }


@pytest.mark.long
def test_what_was_searched_is_all_that_is_written(everything: Searched) -> None:
    places = {each.place for each in documents(everything.folder / "outside")}
    for place in (
        "said/out.txt", "said/err.txt", "said/run.txt", "storage/internal.db", "storage/results.db",
        "storage/dagster/history/runs.db", f"storage/published/{BEFORE}/index.html",
        f"storage/restricted/{BEFORE}/indicators.csv", f"storage/analyst/{BEFORE}/indicators.csv",
        f"storage/data_docs/{BEFORE}/index.html",
    ):  # fmt: skip
        assert place in places, place
    assert any(place.endswith(".err") and "compute_logs" in place for place in places)
    assert sum(place.startswith("storage/dagster/events/") for place in places) > 30
    assert {path.name for path in everything.folder.iterdir()} == {
        "catalogue", "catalogue_of_other_formats", "landing", "outside",
    }  # fmt: skip
