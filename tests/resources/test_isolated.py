"""A table read in a process of its own: the same rows, the same refusals, and a sentence where the process dies."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from disparity.catalogue import Source
from disparity.refusal import Refusal, refuse
from resources import isolated
from resources.isolated import memory_lent, seconds_lent, table_apart
from resources.notes import Note
from resources.tables import Hint, Table
from resources.workbooks import workbook_table

CASES = Path(__file__).parents[1] / "cases"
ERRORS = CASES / "error_cells.xlsx"
SOURCE = Source.model_validate(
    {"format": "xlsx", "location": "l.xlsx", "columns": {"person": "Staff no."}, "date_format": "%d/%m/%Y"}
)


def died_of(opener: isolated.Opener, path: Path = ERRORS) -> str:
    with (
        pytest.raises(Refusal) as refusal,
        table_apart(opener, path, SOURCE, "learning_budget, l.xlsx") as table,
    ):
        list(table.read([0]))
    return str(refusal.value)


def table_of_the_process(path: Path, source: Source, where: str) -> Table:
    """A table that says of the process what can be known of it."""
    return Table((str(os.getpid()), *sorted(os.environ)), lambda positions: iter(()))


def refused(path: Path, source: Source, where: str) -> Table:
    raise refuse("no", where=where, rule="one", do="two", there=["Quince", "Peach"])


def not_allowed(path: Path, source: Source, where: str) -> Table:
    raise PermissionError(13, "Permission denied")


def faulty(path: Path, source: Source, where: str) -> Table:
    raise ValueError("Quince")


def panics(path: Path, source: Source, where: str) -> Table:
    raise pl.exceptions.PanicException("Quince")


def of_long_text(path: Path, source: Source, where: str) -> Table:
    rows = pl.DataFrame({"row_number": [2], "cell_0": ["Q" * 1_000]})
    return Table(("a",), lambda positions: iter([pl.concat([rows] * 20_000, rechunk=True)] * 20))


def of_text_in_slices(path: Path, source: Source, where: str) -> Table:
    rows = pl.DataFrame({"row_number": [2], "cell_0": ["Q" * 100_000]})
    return Table(
        ("a",), lambda positions: iter([pl.concat([rows] * 500, rechunk=True)]), nested=frozenset([0])
    )


def too_large(path: Path, source: Source, where: str) -> Table:
    return Table((str(len(bytearray(4 << 30))),), lambda positions: iter(()))


def too_large_while_read(path: Path, source: Source, where: str) -> Table:
    return Table(("a",), lambda positions: iter([pl.select(pl.repeat("a", 4 << 30))]))


def aborts(path: Path, source: Source, where: str) -> Table:
    os.abort()


def too_long(path: Path, source: Source, where: str) -> Table:
    os.kill(os.getpid(), signal.SIGXCPU)
    raise AssertionError


def breaks_off(path: Path, source: Source, where: str) -> Table:
    os._exit(3)


def noted(path: Path, source: Source, where: str) -> Table:
    def hint(wanted: Sequence[str]) -> Hint:
        return Hint(f"no {wanted[0]}", {"skip_rows": 1})

    return Table(("a",), lambda positions: iter(()), (Note("{rows} rows", 3),), hint)


@pytest.fixture(autouse=True)
def openers_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process find the openers of this file, as a module by itself."""
    here = Path(__file__)
    monkeypatch.setenv("PYTHONPATH", str(here.parent))
    monkeypatch.setitem(sys.modules, here.stem, sys.modules[__name__])
    for opener in (panics, of_long_text, of_text_in_slices, refused, not_allowed, faulty, too_large, noted,
                   too_large_while_read, aborts, too_long, breaks_off, table_of_the_process):  # fmt: skip
        monkeypatch.setattr(opener, "__module__", here.stem)


def test_a_table_is_the_same_as_in_this_process() -> None:
    here = workbook_table(ERRORS, SOURCE, "l")
    with table_apart(workbook_table, ERRORS, SOURCE, "l") as apart:
        assert apart.headings == here.headings
        for positions in ([1, 4], [0]):
            assert [each.rows() for each in apart.read(positions)] == [
                each.rows() for each in here.read(positions)
            ]


def test_notes_and_hints_come_back() -> None:
    with table_apart(noted, ERRORS, SOURCE, "l") as table:
        assert table.notes == (Note("{rows} rows", 3),)
        assert table.hint(["Number"]) == Hint("no Number", {"skip_rows": 1})


def test_a_refusal_comes_back_with_what_is_there() -> None:
    with pytest.raises(Refusal) as refusal, table_apart(refused, ERRORS, SOURCE, "l.xlsx"):
        pass
    assert str(refusal.value) == "l.xlsx: no. Rule: one. What to do: two."
    assert refusal.value.there == ("Quince", "Peach")


def test_an_error_of_the_system_comes_back() -> None:
    with (
        pytest.raises(PermissionError, match="Permission denied"),
        table_apart(not_allowed, ERRORS, SOURCE, "l"),
    ):
        pass


def test_an_unforeseen_error_comes_back_without_its_words() -> None:
    sentence = died_of(faulty)
    assert sentence.startswith("learning_budget, l.xlsx: ")
    assert re.search(r"ValueError in test_isolated.py, line \d+", sentence)
    assert "Quince" not in sentence


def test_so_does_the_panic_of_a_parser() -> None:
    assert "PanicException in " in died_of(panics)


@pytest.mark.parametrize(
    ("opener", "says"),
    [
        (too_large, "takes more memory than the 1.1 GB"),
        (too_large_while_read, "takes more memory"),
        (aborts, "takes more memory"),
        (too_long, "takes longer than the 8 seconds of computing"),
        (of_long_text, "more than 256 MiB of text"),
        (breaks_off, "damaged, or written in a way that cannot be read"),
    ],
)
def test_whatever_the_process_dies_of_is_a_sentence(opener: isolated.Opener, says: str) -> None:
    sentence = died_of(opener)
    assert sentence.startswith("learning_budget, l.xlsx: ")
    assert says in sentence
    assert "What to do: " in sentence


def test_the_process_ends_with_the_context_and_knows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACE_EQUALITY_KEY", "5a" * 32)
    with table_apart(table_of_the_process, ERRORS, SOURCE, "l") as table:
        process, *environment = table.headings
        os.kill(int(process), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
    assert "PATH" in environment
    assert not [name for name in environment if name.startswith("RACE_EQUALITY_")]


def test_the_folder_at_hand_lends_the_process_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("polars.py", "json.py", "resources.py"):
        (tmp_path / name).write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    with table_apart(workbook_table, ERRORS, SOURCE, "l") as table:
        assert table.headings[0] == "Request"


def test_cells_scattered_over_a_whole_sheet_are_refused(tmp_path: Path) -> None:
    """The parser asks for a box of 686 million cells, and aborts."""
    path = tmp_path / "l.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Leavers")
        for at in range(700):
            sheet.write_number(at * 1400, at, 1)
    assert "takes more memory" in died_of(workbook_table, path)


def test_rows_come_in_slices_of_bounded_text_and_what_is_nested_is_known() -> None:
    with table_apart(of_text_in_slices, ERRORS, SOURCE, "l") as table:
        heights = [rows.height for rows in table.read([0])]
        assert table.nested == {0}
    assert sum(heights) == 500
    assert max(heights) * 100_000 <= 17 << 20


def test_memory_and_time_grow_with_the_file() -> None:
    assert seconds_lent(0) == seconds_lent(10 << 20) == 8
    assert seconds_lent(100 << 20) == 98
    assert memory_lent(0) == memory_lent(10 << 20) == 1 << 30
    assert memory_lent(100 << 20) > 3 << 30


def busy_for_long(path: Path, source: Source, where: str) -> Table:
    path.with_name("began").write_text(str(os.getpid()))
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass
    return Table((), lambda positions: iter(()))


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not tell a process that its parent died"
)
def test_it_does_not_outlive_the_process_that_asked_for_it_however_that_ends(tmp_path: Path) -> None:
    path, began = tmp_path / "l.xlsx", tmp_path / "began"
    path.write_bytes(ERRORS.read_bytes())
    asking = (
        "from pathlib import Path; import test_isolated as t\n"
        f"with t.table_apart(t.busy_for_long, Path({str(path)!r}), t.SOURCE, 'l'): pass"
    )
    here = Path(__file__)
    found = {"PYTHONPATH": os.pathsep.join(map(str, (here.parent, here.parents[2])))}
    parent = subprocess.Popen([sys.executable, "-c", asking], env=os.environ | found)
    try:
        assert comes_true(lambda: began.exists() and began.read_text() != "")
    finally:
        parent.kill()
        parent.wait()
    lent = Path(f"/proc/{began.read_text()}/stat")
    assert comes_true(lambda: not lent.exists() or lent.read_text().split()[2] == "Z")


def comes_true(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()
