"""The landing place: every way an extract may come, what passes the door, and what is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.exceptions import PanicException

from disparity.catalogue import Source
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.datasets.contract import Dataset, Vocabulary
from disparity.datasets.identifiers import WITHOUT_ZEROS
from disparity.datasets.lists import Lists
from disparity.datasets.readable import UNREADABLE, WITHHELD, withheld
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.catalogue import DEFAULT, load_catalogue
from resources.landing import Extract, read_extract
from resources.pseudonyms import PseudonymKeys, pseudonyms

QUARTER = Quarter.from_key("2026-07-01")
KEYS = PseudonymKeys(bytes(range(32)))
VOCABULARY = Vocabulary(
    lists=Lists(
        band=("Band 5", "Band 6"),
        directorate=("Medicine", "Surgery"),
        staff_type=("Clinical",),
        staff_group=("Nursing",),
        channel=("NHS Jobs",),
        leaving_reason=("Retirement",),
    ),
    ethnic_codes=("A", "C3", "J", "99"),
    ethnic_words=frozenset({"a", "c3", "j", "99", "i do not wish to disclose"}),
    answers={"staff_survey": {}, "exit_interviews": {}},
    questions={"staff_survey": {}, "exit_interviews": {}},
)
LEAVERS = {"person": "Employee Number", "leaving_date": "Leaving Date", "reason": "Reason"}
HEADER = "Employee Number,Leaving Date,Reason,Surname\n"
ROWS = "1001,31/08/2026,Retirement,Quince\n1002,01/09/2026,,Peach\n"
SECRETS = ("1001", "1002", "Quince", "Peach", "Retirement")


def allowing(**lists: tuple[str, ...]) -> Vocabulary:
    """The vocabulary with other lists, by name."""
    return replace(VOCABULARY, lists=VOCABULARY.lists.model_copy(update=lists))


def source(**changed: Any) -> Source:
    """A source of leavers in CSV, with some of it changed."""
    plain = {"format": "csv", "location": "leavers.csv", "columns": LEAVERS, "date_format": "%d/%m/%Y"}
    return Source.model_validate({**plain, **changed})


Read = Callable[..., tuple[Extract | None, pl.DataFrame]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read an extract of leavers from the landing folder; also its rows, but for numbers without their zeros."""

    def reading(
        dataset: Dataset = DATASETS["leavers"],
        keys: PseudonymKeys = KEYS,
        vocabulary: Vocabulary = VOCABULARY,
        **changed: Any,
    ):
        out = tmp_path / "lake" / "received.parquet"
        extract = read_extract(
            dataset,
            source(**changed),
            tmp_path / "catalogue",
            vocabulary,
            QUARTER,
            tmp_path / "landing",
            keys,
            out,
        )
        rows = pl.read_parquet(out) if extract else pl.DataFrame()
        return extract, rows.select(~cs.ends_with(WITHOUT_ZEROS))

    (tmp_path / "landing").mkdir()
    (tmp_path / "catalogue").mkdir()
    return reading


@pytest.fixture
def land(tmp_path: Path, read: Read) -> Callable[..., Path]:
    """Put a file into the landing folder."""

    def putting(content: bytes | str, name: str = "leavers.csv") -> Path:
        path = tmp_path / "landing" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return putting


@pytest.fixture
def refused(read: Read, tmp_path: Path) -> Callable[..., str]:
    """Read an extract that is refused: the sentence, which holds no row value, and nothing is left."""

    def reading(**changed: Any) -> str:
        with pytest.raises(Refusal) as refusal:
            read(**changed)
        sentence = str(refusal.value)
        assert not any(secret in sentence for secret in SECRETS)
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
        assert "Rule: " in sentence
        assert "What to do: " in sentence
        lake = tmp_path / "lake"
        assert not lake.exists() or not list(lake.iterdir())
        return sentence

    return reading


def _said(extract: Extract) -> list[str]:
    return [note.said(str) for file in extract.files for note in file.notes]


def pseudonym(identifier: str) -> str:
    return str(pseudonyms(pl.Series([identifier]), KEYS.master)[0])


# What passes the door


def test_only_mapped_columns_pass_as_text_with_pseudonyms(read: Read, land: Callable[..., Path]) -> None:
    path = land(HEADER + ROWS)
    extract, rows = read()
    assert extract is not None
    assert rows.schema == pl.Schema(
        dict.fromkeys(["file", "row_number", "person", "leaving_date", "reason"], pl.String)
        | {"row_number": pl.Int64}
    )
    assert rows.rows() == [
        ("leavers.csv", 2, pseudonym("1001"), "2026-08-31", "Retirement"),
        ("leavers.csv", 3, pseudonym("1002"), "2026-09-01", None),
    ]
    (file,) = extract.files
    assert (file.name, file.rows, file.notes) == ("leavers.csv", 2, ())
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (extract.rows, extract.rows_left_out, extract.left_behind) == (2, 0, ("Surname",))


def test_the_received_file_is_its_owners_alone_and_the_same_each_time(
    read: Read, land: Callable[..., Path], tmp_path: Path
) -> None:
    land(HEADER + ROWS)
    out = tmp_path / "lake" / "received.parquet"
    read()
    first = out.read_bytes()
    read()
    assert out.read_bytes() == first
    assert out.stat().st_mode & 0o777 == 0o600
    assert list(out.parent.iterdir()) == [out]
    assert not any(secret.encode() in first for secret in ("1001", "1002", "Quince", "Peach"))


def test_nothing_received_is_none(read: Read, tmp_path: Path) -> None:
    assert read()[0] is None
    assert not (tmp_path / "lake").exists()


def test_an_absolute_location_and_the_quarter_in_a_name(read: Read, land: Callable[..., Path]) -> None:
    path = land(HEADER + ROWS, "leavers [final] 2026-07-01.csv")
    assert read(location=str(path))[0] is not None
    assert read(location="leavers [final] {quarter}.csv")[0] is not None
    assert read(location="leavers ?final? {quarter}.csv")[0] is None


def test_many_files_are_read_in_order_and_each_needs_the_headings(
    read: Read, land: Callable[..., Path]
) -> None:
    land(HEADER + "1003,02/09/2026,,x\n", "b.csv")
    land("Surname,Reason,Leaving Date,Employee Number,Notes\n" + "Quince,,01/09/2026,1001,n\n", "a.csv")
    land("an Office owner file", "~$a.csv")
    extract, rows = read(location="*.csv", files="many")
    assert extract is not None
    assert rows["file"].to_list() == ["a.csv", "b.csv"]
    assert rows["person"].to_list() == [pseudonym("1001"), pseudonym("1003")]
    assert extract.left_behind == ("Notes", "Surname")


def test_a_later_file_without_a_heading_is_refused(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER + ROWS, "a.csv")
    land("Employee Number,Leaving Date,Surname\n1001,31/08/2026,Quince\n", "b.csv")
    assert "leavers, b.csv: the heading 'Reason' is missing" in refused(location="*.csv", files="many")


def test_files_of_one_name_in_several_folders_are_told_apart(read: Read, land: Callable[..., Path]) -> None:
    land(HEADER + ROWS, "north/leavers.csv")
    land(HEADER + "1003,,,\n", "south/leavers.csv")
    _, rows = read(location="*/leavers.csv", files="many")
    assert rows["file"].unique().sort().to_list() == ["north/leavers.csv", "south/leavers.csv"]


def test_words_constants_and_texts_that_stand_for_nothing(
    read: Read, land: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "catalogue" / "bands.csv").write_text("their word,our word\nXN05,Band 5\nXN06,Band 6\n")
    land(
        "No,Day,Why,Scale\n1,31/08/2026,RET,XN05\n2,-,Unknown, XN06 \n3,9/9/26x,Other,XR01\n4,31/12/4712,,\n"
        "5,01/09/2026,Retirement,Band 6\n6,2026-09-02,RET to Spain,Other\n"
    )
    _, rows = read(
        vocabulary=allowing(leaving_reason=("Retirement", "not recorded")),
        columns={"person": "No", "leaving_date": "Day", "reason": "Why", "band": "Scale"},
        values={"reason": {"RET": "Retirement", "Other": "", "": "not recorded"}},
        values_from={"band": "bands.csv"},
        constants={"directorate": "Medicine", "ethnic_code": ""},
        no_value=("-", "Unknown", "4712-12-31"),
    )
    reasons = ["Retirement", "not recorded", None, "not recorded", "Retirement", WITHHELD]
    assert rows["reason"].to_list() == reasons
    assert rows["band"].to_list() == ["Band 5", "Band 6", WITHHELD, None, "Band 6", WITHHELD]
    no_day = withheld(f"{UNREADABLE}: expected DD/MM/YYYY")
    days = ["2026-08-31", None, no_day, None, "2026-09-01", "2026-09-02"]
    assert rows["leaving_date"].to_list() == days
    assert rows["directorate"].unique().to_list() == ["Medicine"]
    assert rows["ethnic_code"].to_list() == [None] * 6


def test_a_constant_may_be_the_quarters_last_day(read: Read, land: Callable[..., Path]) -> None:
    land("No,Why\n1,Retirement\n")
    columns, constants = {"person": "No", "reason": "Why"}, {"leaving_date": "{quarter_end}"}
    assert read(columns=columns, constants=constants)[1]["leaving_date"].to_list() == ["2026-09-30"]
    constants = {"leaving_date": "{quarter_start}"}
    assert read(columns=columns, constants=constants)[1]["leaving_date"].to_list() == ["2026-07-01"]


def test_keep_takes_listed_texts_and_counts_the_rest(read: Read, land: Callable[..., Path]) -> None:
    land("Employee Number,Leaving Date,Reason,Deleted\n1,,,N\n2,,,Y\n3,,,\n4,,,NULL\n")
    extract, rows = read(keep={"Deleted": ("N", "")}, no_value=("NULL",))
    assert extract is not None
    assert rows["row_number"].to_list() == [2, 4, 5]
    assert (extract.files[0].rows, extract.rows, extract.rows_left_out) == (4, 3, 1)
    assert extract.left_behind == ()


def test_rows_in_force_on_the_quarters_last_day(read: Read, land: Callable[..., Path]) -> None:
    periods = [
        ("01/01/2020", "30/09/2026"), ("30/09/2026", ""), ("01/01/2020", "31/12/4712"),
        ("01/01/1900", "31/12/4712"), ("01/01/2020", "29/09/2026"), ("01/10/2026", ""), ("soon", ""),
        ("01/01/2020", "31-DEC-4712"), ("soon", "29/09/2026"), ("01/10/2026", "one day"),
    ]  # fmt: skip
    land(
        "Employee Number,Leaving Date,Reason,From,To\n"
        + "".join(f"{i},,,{a},{b}\n" for i, (a, b) in enumerate(periods))
    )
    extract, rows = read(in_force={"start": "From", "end": "To"}, no_value=("31/12/4712", "01/01/1900"))
    assert extract is not None
    # A row that may or may not be in force passes, marked, so that it is rejected and counted; one that cannot be
    # in force, whatever its other date says, is left out.
    assert rows["row_number"].to_list() == [2, 3, 4, 5, 8, 9]
    assert rows["in_force"].to_list() == [None] * 4 + [
        withheld(f"{UNREADABLE}: expected DD/MM/YYYY (From)"),
        withheld(f"{UNREADABLE}: expected DD/MM/YYYY; looks like DD-Mon-YYYY (To)"),
    ]
    assert (extract.rows, extract.rows_left_out) == (6, 4)
    assert extract.files[0].notes == ()


def test_a_file_without_rows_is_received_where_the_source_says_it_may_be(
    read: Read, land: Callable[..., Path]
) -> None:
    land(HEADER + ",,,\n")
    extract, rows = read(may_be_empty=True)
    assert extract is not None
    assert rows.schema == pl.Schema(
        dict.fromkeys(["file", "row_number", "person", "leaving_date", "reason"], pl.String)
        | {"row_number": pl.Int64}
    )
    assert (rows.height, extract.rows, extract.rows_left_out, extract.files[0].rows) == (0, 0, 0, 0)
    assert _said(extract) == ["blank rows were passed over", "there are headings and no rows"]


@pytest.mark.parametrize(("format", "content"), [("parquet", None), ("csv", HEADER), ("csv", HEADER.strip())])
def test_it_may_be_of_any_format(
    format: str, content: str | None, read: Read, land: Callable[..., Path]
) -> None:
    file = io.BytesIO()
    pl.DataFrame(schema=dict.fromkeys(LEAVERS.values(), pl.String)).write_parquet(file)
    land(file.getvalue() if content is None else content, "l")
    extract, rows = read(format=format, location="l", may_be_empty=True)
    assert extract is not None
    assert rows.height == 0


def test_a_file_with_rows_of_which_none_is_taken_is_refused_all_the_same(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land("Employee Number,Leaving Date,Reason,Status\n1001,,,Active\n")
    assert "no row is taken" in refused(keep={"Status": ("active",)}, may_be_empty=True)


def test_datasets_told_in_confidence_join_to_nothing(read: Read, land: Callable[..., Path]) -> None:
    land("No,Day\n1001,31/08/2026\n", "s.csv")
    _, rows = read(
        DATASETS["exit_interviews"], location="s.csv", columns={"interview": "No", "interview_date": "Day"}
    )
    assert rows["interview"].to_list() != [pseudonym("1001")]


CANARIES = (
    "Persephone Quillfeather",
    "QQ123456C",
    "QQ 12 34 56 C",
    "p.quillfeather@example.org",
    "Says she was passed over twice, and wrote to Quillfeather about it",
)
CATALOGUE_VOCABULARY = vocabulary_of(load_catalogue(DEFAULT))


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
def test_text_typed_where_it_does_not_belong_stays_outside(
    dataset: Dataset, read: Read, land: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = pq.ParquetWriter

    def plainly(*arguments: Any, **options: Any) -> pq.ParquetWriter:
        return writer(*arguments, **{**options, "compression": "none"})

    monkeypatch.setattr(pq, "ParquetWriter", plainly)
    columns = dataset.columns(CATALOGUE_VOCABULARY)
    examples = {name: column.example for name, column in columns.items()}
    open_columns = [name for name, column in columns.items() if column.kind != "identifier"]
    typed = [
        {**examples, **{name: words.format(examples[name]) for name in open_columns}}
        for canary in CANARIES
        for words in (canary, f"{{}} {canary}", f"{canary} {{}}", f"{{}}\t{canary}")
    ]
    land(pl.DataFrame([examples, *typed]).write_csv())
    extract, rows = read(
        dataset,
        vocabulary=CATALOGUE_VOCABULARY,
        columns={name: name for name in examples},
        date_format="%Y-%m-%d",
    )
    good, *wrong = rows.select(open_columns).rows()
    assert good == tuple(examples[name] for name in open_columns)
    no_day = withheld(f"{UNREADABLE}: expected YYYY-MM-DD")
    nothing = tuple(no_day if columns[name].kind == "date" else WITHHELD for name in open_columns)
    assert wrong == [nothing] * len(typed)
    content = (tmp_path / "lake" / "received.parquet").read_bytes().lower()
    # The rows stand in the file as they are: what is looked for would be found.
    assert all(text.encode().lower() in content for text in good)
    for canary in (*CANARIES, "Quillfeather", "passed over"):
        assert canary.encode().lower() not in content
        assert canary not in repr(extract)


# Delimited text


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "read as Windows-1252: the file is not UTF-8"),
    ],
)
def test_the_encoding_is_found_out_and_told(
    encoding: str, note: str | None, read: Read, land: Callable[..., Path]
) -> None:
    land((HEADER + "1,31/08/2026,Café \u2013 «é»,Zoë\r\n2,31/08/2026,Café,\r\n").encode(encoding))
    reasons = ("Café \u2013 «é»", "Café")
    extract, rows = read(vocabulary=allowing(leaving_reason=reasons))
    assert extract is not None
    assert rows["reason"].to_list() == list(reasons)
    notes = _said(extract)
    assert notes == [] if note is None else note in notes[0]


@pytest.mark.parametrize(
    ("stated", "actual"),
    [
        ("utf-8", "cp1252"),
        ("utf-16", "utf-8"),
        ("windows-1252", "utf-8"),
        ("windows-1252", "utf-16"),
        ("utf-8", "utf-16"),
    ],
)
def test_a_stated_encoding_that_does_not_fit_is_refused(
    stated: str, actual: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land((HEADER + "1,31/08/2026,Café,\n").encode(actual))
    assert f"the file is not {stated}" in refused(encoding=stated)


def test_a_stated_encoding_that_fits_is_taken(read: Read, land: Callable[..., Path]) -> None:
    land(HEADER + ROWS)
    assert read(encoding="windows-1252")[0] is not None
    assert read(encoding="utf-8")[0] is not None


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (b"1,,Caf\x81,\n", "line 2 is neither UTF-8 nor Windows-1252"),
        ("1,,Café,\n".encode() + b"2,,Caf\xe9,\n", "UTF-8 up to line 3 and is not from there on"),
        ("1,,é,\n1,,Café".encode()[:-1], "UTF-8 up to line 3"),
        (b"1,,Caf\0,\n", "holds zero bytes and is no text"),
    ],
)
def test_bytes_of_no_encoding_are_refused(
    rows: bytes, says: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER.encode() + rows)
    assert says in refused()


def test_banner_rows_blank_columns_untidy_headings_and_quoted_line_breaks(
    read: Read, land: Callable[..., Path]
) -> None:
    land(
        'Leavers,"of\nthe trust"\n\n, Employee\u00a0 Number ,"Leaving\nDate",Reason,Notes,Notes\n'
        ',1001,31/08/2026,"Retirement","a ""note"", in\nlines",\n\n,1002,31/08/2026\n,,,,,\n'
    )
    extract, rows = read(skip_rows=2)
    assert extract is not None
    assert rows.select("row_number", "person", "reason").rows() == [
        (4, pseudonym("1001"), "Retirement"),
        (6, pseudonym("1002"), None),
    ]
    assert _said(extract) == [
        f"{CUT_SHORT}: 1; what they lack is read as blank",
        f"{LINE_BREAKS}: 1; the first is row 4",
        "blank rows were passed over",
    ]
    assert extract.left_behind == ("Notes",)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        '1001,31/08/2026,"Retirement",Quince\n' + ROWS,
        '"1001","31/08/2026","Retirement","Quince"\n' + ROWS,
        '1001,31/08/2026,,""\n' + ROWS,
    ],
)
def test_a_quotation_mark_in_the_headings_takes_no_row_for_a_heading(
    rows: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    """The heading is not mapped, so what would be taken for it would be told as left behind."""
    land(HEADER.replace(",Surname", ',"Surname') + rows)
    assert "a row at the top cannot be divided into fields" in refused()


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(delimiter: str, read: Read, land: Callable[..., Path]) -> None:
    land((HEADER + ROWS).replace(",", delimiter))
    assert read(delimiter=delimiter)[1].height == 2


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_a_wrong_delimiter_is_named(
    delimiter: str, name: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land((HEADER + ROWS).replace(",", delimiter))
    assert f"the delimiter looks like a {name}" in refused()


def test_headings_on_another_row_are_pointed_at(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land("Leavers of the trust\n\n" + HEADER + ROWS)
    assert "the headings stand on row 3: set skip_rows to 2" in refused()


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_of_other_systems(line_end: str, read: Read, land: Callable[..., Path]) -> None:
    land((HEADER + ROWS).replace("\n", line_end))
    assert read()[1]["reason"].to_list() == ["Retirement", None]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1002,01/09/2026,Peach, Ann,x\n", "row 3 has more fields than there are headings (4)"),
        ("1002,01/09/2026,Retirement,,", "row 3 has more fields"),
        ('1002,01/09/2026,5" Peach,x\n', "row 3 cannot be divided"),
        ('1002,01/09/2026,"Peach,x\n', "row 3 cannot be divided"),
        ('1002,01/09/2026,"Peach"s,x\n', "row 3 cannot be divided"),
        ('1002,01/09/2026,5" Peach,x\n1003,,6" Peach,\n', "row 3 cannot be divided"),
    ],
)
def test_a_row_that_cannot_be_divided_is_named(
    row: str, says: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER + "1001,31/08/2026,Retirement,Quince\n" + row + "1004,,,\n" * (row[-1] == "\n"))
    assert says in refused()


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.text('a", é', max_size=6), st.text('a"\n é', max_size=6)),
        min_size=1,
    ),
    piece=st.integers(8, 200),
)
def test_quoted_text_comes_through_however_the_file_is_cut(
    rows: list[tuple[str, str]], piece: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("landing")
    quoted = "".join(
        f'{i},"{a.replace(chr(34), chr(34) * 2)}","{b.replace(chr(34), chr(34) * 2)}",Band 5\n'
        for i, (a, b) in enumerate(rows)
    )
    (folder / "leavers.csv").write_text("No,Why,Notes,Band\n" + quoted, encoding="utf-8", newline="")
    plain = source(
        columns={"person": "No", "reason": "Why", "band": "Band"}, constants={"leaving_date": "2026-08-31"}
    )
    trimmed = [a.strip() for a, _ in rows]
    every_text = allowing(leaving_reason=tuple(trimmed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resources.delimited._PIECE", max(piece, len("No,Why,Notes,Band\n")))
        read_extract(
            DATASETS["leavers"], plain, folder, every_text, QUARTER, folder, KEYS, folder / "out.parquet"
        )
    found = pl.read_parquet(folder / "out.parquet").select("row_number", "reason", "band").rows()
    assert found == [(number, why or None, "Band 5") for number, why in enumerate(trimmed, start=2)]


# Workbooks, Parquet, databases


def workbook(*sheets: str, banner: int = 0) -> bytes:
    """A workbook of leavers: real dates, text dates, numbers as numbers, a blank first column."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for sheet in sheets:
        cells = book.add_worksheet(sheet)
        if banner:
            cells.write(0, 1, "Leavers of the trust")
        for column, heading in enumerate(("Employee Number", "Leaving Date", "Reason", "Surname"), start=1):
            cells.write(banner, column, heading)
        for row, (number, left) in enumerate(
            [(1001, dt.date(2026, 8, 31)), ("01002", "01/09/2026")], start=1
        ):
            cells.write(banner + row, 1, number)
            cells.write(banner + row, 2, left, day)
            cells.write(banner + row, 3, "Retirement" if row == 1 else True)
            cells.write(banner + row, 4, "Quince")
    book.close()
    return content.getvalue()


def test_a_workbook_with_real_and_text_dates(read: Read, land: Callable[..., Path]) -> None:
    land(workbook("Notes", "Leavers", banner=3), "l.xlsx")
    extract, rows = read(
        vocabulary=allowing(leaving_reason=("Retirement", "true")),
        format="xlsx",
        location="l.xlsx",
        sheet="Leavers",
        skip_rows=3,
    )
    assert extract is not None
    assert rows.rows() == [
        ("l.xlsx", 5, pseudonym("1001"), "2026-08-31", "Retirement"),
        ("l.xlsx", 6, pseudonym("01002"), "2026-09-01", "true"),
    ]
    assert (extract.left_behind, extract.files[0].notes) == (("Surname",), ())


def test_the_first_of_several_sheets_is_read_and_it_is_told(read: Read, land: Callable[..., Path]) -> None:
    land(workbook("Leavers", "Other"), "l.xlsx")
    extract, _ = read(format="xlsx", location="l.xlsx")
    assert extract is not None
    assert _said(extract) == ["read the sheet Leavers, the first that can be seen; 1 more was not read"]


def test_an_open_document_spreadsheet(read: Read, land: Callable[..., Path]) -> None:
    land(spreadsheet(), "l.ods")
    _, rows = read(format="ods", location="l.ods", sheet="Leavers")
    assert rows.select("row_number", "person", "leaving_date", "reason").rows() == [
        (2, pseudonym("1001"), "2026-08-31", "Retirement")
    ]


def spreadsheet(manifest: str = "") -> bytes:
    """The least that is an OpenDocument spreadsheet, as the standard has it."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    texts = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{h}</text:p></table:table-cell>'
        for h in LEAVERS.values()
    )
    content = (
        f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0" '
        f'xmlns:text="{office}text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Leavers"><table:table-row>{texts}</table:table-row><table:table-row>'
        '<table:table-cell office:value-type="float" office:value="1001"/>'
        '<table:table-cell office:value-type="date" office:date-value="2026-08-31"/>'
        '<table:table-cell office:value-type="string"><text:p>Retirement</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", f"<manifest:manifest>{manifest}</manifest:manifest>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "the workbook has a password, or is of the old .xls kind",
        ),
        (spreadsheet("<manifest:encryption-data/>"), "the workbook has a password"),
        ((HEADER + ROWS).encode(), "not a workbook"),
        (b"<html><body>Log in</body></html>", "an HTML page"),
        (workbook("Leavers")[:900], "not a workbook"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_open_workbook_is_refused(
    content: bytes, says: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(content, "l.xlsx")
    assert says in refused(format="xlsx", location="l.xlsx")


def test_a_zip_archive_and_a_damaged_workbook_are_refused(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    for names, says in ((("a.txt",), "a zip archive, not a workbook"), (("[Content_Types].xml",), "damaged")):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as parts:
            for name in names:
                parts.writestr(name, "nothing")
        land(file.getvalue(), "l.xlsx")
        assert says in refused(format="xlsx", location="l.xlsx")


def test_a_missing_sheet_names_the_nearest(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    land(workbook("Leavers Q2"), "l.xlsx")
    assert "no sheet 'Leavers'; the nearest is 'Leavers Q2'" in refused(
        format="xlsx", location="l.xlsx", sheet="Leavers"
    )


def test_a_missing_sheet_names_no_other(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    land(workbook("Quince", "Peach"), "l.xlsx")
    assert "no sheet 'Leavers'. Rule: " in refused(format="xlsx", location="l.xlsx", sheet="Leavers")


def test_an_empty_sheet_and_headings_on_another_row(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("Leavers")
    land(content.getvalue(), "l.xlsx")
    assert "sheet Leavers: the file is empty" in refused(format="xlsx", location="l.xlsx")
    land(workbook("Leavers", banner=2), "l.xlsx")
    assert "set skip_rows to 2" in refused(format="xlsx", location="l.xlsx")
    assert "ends before its headings" in refused(format="xlsx", location="l.xlsx", skip_rows=40)


def test_a_parquet_file_of_typed_columns(read: Read, land: Callable[..., Path]) -> None:
    file = io.BytesIO()
    pl.DataFrame(
        {
            "Employee Number": [1001.0, None],
            "Leaving Date": pl.Series(["2026-08-31 12:00", None]).str.to_datetime("%Y-%m-%d %H:%M"),
            "Reason": pl.Series(["Retirement", None], dtype=pl.Categorical),
            "Surname": ["Quince", "Peach"],
        }
    ).write_parquet(file)
    land(file.getvalue(), "l.parquet")
    extract, rows = read(format="parquet", location="l.parquet")
    assert extract is not None
    assert rows.rows() == [("l.parquet", 2, pseudonym("1001"), "2026-08-31", "Retirement")]
    assert _said(extract) == ["blank rows were passed over"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"PAR1" + b"\0" * 40, "damaged, or no Parquet file"),
        (b"PK\x03\x04" + b"\0" * 40, "a workbook or a zip"),
    ],
)
def test_what_is_no_parquet_file_is_refused(
    content: bytes, says: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(content, "l.parquet")
    assert says in refused(format="parquet", location="l.parquet")


def test_a_nested_column_is_refused_when_it_is_mapped(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    file = io.BytesIO()
    pl.DataFrame({"Employee Number": [[1001]], "Leaving Date": [""], "Reason": [""]}).write_parquet(file)
    land(file.getvalue(), "l.parquet")
    assert "holds lists or structures" in refused(format="parquet", location="l.parquet")


QUERY = (
    'SELECT id AS "Employee Number", left_on AS "Leaving Date", why AS "Reason", surname AS "Surname" '
    "FROM leavers WHERE left_on BETWEEN :period_start AND :period_end ORDER BY id"
)


@pytest.fixture
def database(tmp_path: Path) -> sa.URL:
    """A database with leavers of two quarters."""
    url = sa.URL.create("sqlite", database=str(tmp_path / "hr.db"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE leavers (id INTEGER, left_on DATE, why TEXT, surname TEXT)"))
        connection.execute(
            sa.text(
                "INSERT INTO leavers VALUES (1001, '2026-08-31', 'Retirement', 'Quince'), "
                "(1002, '2026-07-01', NULL, 'Peach'), (1003, '2026-10-01', NULL, 'Plum')"
            )
        )
    engine.dispose()
    return url


def test_a_query_is_bound_to_the_quarter(
    read: Read, database: sa.URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sql = {"format": "sql", "date_format": "%Y-%m-%d", "query": QUERY}
    extract, rows = read(location=str(database), **sql)
    assert extract is not None
    assert rows.rows() == [
        ("query of hr.db", 2, pseudonym("1001"), "2026-08-31", "Retirement"),
        ("query of hr.db", 3, pseudonym("1002"), "2026-07-01", None),
    ]
    assert extract.left_behind == ("Surname",)
    backwards, _ = read(location=str(database), **{**sql, "query": QUERY + " DESC"})
    assert backwards is not None
    assert backwards.files[0].sha256 == extract.files[0].sha256
    monkeypatch.setenv("HR_URL", str(database))
    from_environment, rows_of_it = read(location="${HR_URL}", **sql)
    assert from_environment is not None
    assert rows_of_it["person"].equals(rows["person"])
    assert from_environment.files[0].name == "query of ${HR_URL}", "of its value nothing is said"


@pytest.mark.parametrize(
    "location",
    [
        "sqlite:///${RACE_EQUALITY_KEY}/hr.db",
        "postgresql://${RACE_EQUALITY_KEY}@warehouse.example/hr",
        "postgresql://hr:${PASSWORD}@${RACE_EQUALITY_KEY}/hr",
        "postgresql://hr:${PASSWORD}@warehouse.example/hr?application_name=${RACE_EQUALITY_KEY}",
        "${DIALECT}://hr@warehouse.example/hr",
        "postgresql://hr:${PASSWORD",
    ],
)
def test_the_environment_is_taken_in_a_place_for_secrets_alone(location: str) -> None:
    with pytest.raises(ValueError, match="stands for a secret"):
        source(format="sql", query=QUERY, location=location)
    source(format="sql", query=QUERY, location="postgresql+psycopg://hr:${PASSWORD}@warehouse.example/hr")


def test_no_file_is_named_by_the_environment() -> None:
    with pytest.raises(ValueError, match="stands for a secret"):
        source(location="${HOME}/leavers.csv")


def test_a_query_without_rows_is_not_received(read: Read, database: sa.URL, tmp_path: Path) -> None:
    query = QUERY.replace("BETWEEN :period_start AND :period_end", "IS NULL")
    assert read(format="sql", location=str(database), query=query)[0] is None
    assert not list((tmp_path / "lake").iterdir())


def test_a_query_without_rows_says_that_there_was_nothing_where_the_source_says_it_may(
    read: Read, database: sa.URL
) -> None:
    query = QUERY.replace("BETWEEN :period_start AND :period_end", "IS NULL")
    extract, rows = read(format="sql", location=str(database), query=query, may_be_empty=True)
    assert extract is not None
    assert (extract.rows, rows.height) == (0, 0)


def test_a_query_that_changes_data_changes_nothing(
    database: sa.URL, refused: Callable[..., str], read: Read
) -> None:
    refused(format="sql", location=str(database), query="DELETE FROM leavers")
    assert read(format="sql", location=str(database), query=QUERY)[0] is not None


@pytest.mark.parametrize(
    ("location", "query", "says"),
    [
        ("{database}", "SELECT * FROM nowhere", "did not take the query (OperationalError)"),
        ("{database}", "SELECT :other", "did not take the query"),
        ("sqlite:///nowhere/hr.db", QUERY, "no such database file"),
        ("a sentence", QUERY, "the location is no database address"),
        ("postgresql+psycopg://hr:hunter2@127.0.0.1:1/hr", QUERY, "could not be reached"),
        ("postgresql+psycopg://hr:${NOT_THERE}@127.0.0.1:1/hr", QUERY, "NOT_THERE is not set"),
        ("nosuch://hr:hunter2@127.0.0.1/hr", QUERY, "could not be reached"),
    ],
)
def test_a_database_that_does_not_answer_is_refused_without_the_password(
    location: str,
    query: str,
    says: str,
    database: sa.URL,
    refused: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    sentence = refused(format="sql", location=location.replace("{database}", str(database)), query=query)
    assert says in sentence
    assert "hunter2" not in sentence


# What is refused whatever the format


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \r\n\r\n", "the file is empty"),
        (HEADER.encode(), "there are headings and no rows"),
        (HEADER.encode() + b",,,\n\n", "there are headings and no rows"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "an HTML page"),
        ("<html>".encode("utf-16"), "an HTML page"),
        (b"PK\x03\x04" + b"\0" * 60, "a workbook or a zip archive"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b'<?xml version="1.0"?>', "an XML file"),
    ],
)
def test_a_csv_file_that_is_not_one_is_refused(
    content: bytes, says: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(content)
    sentence = refused()
    assert sentence.startswith("leavers, leavers.csv: ")
    assert says in sentence


def test_the_refusal_of_a_file_without_rows_names_the_setting(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER)
    assert "set may_be_empty: true for leavers in catalogue/sources.yaml" in refused()


def test_a_pipe_in_the_landing_folder_is_refused_and_not_waited_for(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "landing" / "leavers.csv")
    assert "leavers, leavers.csv: it is a pipe, a socket or a device, not a file" in refused()


def test_a_folder_where_an_extract_should_be_is_refused(
    refused: Callable[..., str], land: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "landing" / "leavers.csv").mkdir()
    assert "leavers, leavers.csv: it is a folder, not a file" in refused()
    land(HEADER + ROWS, "leavers_2.csv")
    assert "leavers, leavers.csv: it is a folder, not a file" in refused(location="*.csv", files="many")


def test_a_file_name_that_is_no_utf_8_is_refused(
    refused: Callable[..., str], land: Callable[..., Path]
) -> None:
    land(HEADER + ROWS, os.fsdecode(b"leavers\xff.csv"))
    assert "leavers, leavers\\udcff.csv: the name of the file is no UTF-8" in refused(location="*.csv")


def test_a_file_name_is_kept_without_what_would_steer_a_terminal(
    read: Read, land: Callable[..., Path]
) -> None:
    land(HEADER + ROWS, "leavers\x1b[2J\n\u202e.csv")
    extract, rows = read(location="*.csv")
    assert extract is not None
    assert extract.files[0].name == "leavers\\x1b[2J\\n\\u202e.csv"
    assert set(rows["file"]) == {extract.files[0].name}


def test_two_files_where_one_is_meant(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    land(HEADER + ROWS, "a.csv")
    land(HEADER + ROWS, "b.csv")
    assert "2 files match *.csv: a.csv, b.csv" in refused(location="*.csv")


def test_the_same_file_twice(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    for name in ("a.csv", "b.csv"):
        land(HEADER + ROWS, name)
    assert "the files a.csv and b.csv are the same" in refused(location="*.csv", files="many")


def test_a_heading_missing_or_twice(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    land(HEADER.replace("Reason", "Reasons") + ROWS)
    assert "the heading 'Reason' is missing; the nearest is 'Reasons'" in refused()
    land(HEADER.replace("Surname", "Reason") + ROWS)
    assert "the heading 'Reason' stands 2 times" in refused()
    land(HEADER + ROWS)
    assert "the heading 'Status' is missing" in refused(keep={"Status": ("Active",)})


def test_all_missing_headings_are_named_with_the_nearest(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    columns = LEAVERS | {"band": "Band", "directorate": "Directorate"}
    land("EMPLOYEE NO,Leaving Date,Reason,Directorates,Band\n" + ROWS)
    assert (
        "the headings 'Employee Number', 'Directorate' are missing; 'EMPLOYEE NO' is the nearest to 'Employee Number', "
        "'Directorates' is the nearest to 'Directorate'" in refused(columns=columns)
    )
    land("1001,31/08/2026,Reason,Medicine,Band 5\n" + ROWS)
    assert "Band 5" not in refused(columns=columns)


def test_a_file_without_headings_tells_nothing_of_its_rows(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(ROWS)
    assert "the headings 'Employee Number', 'Leaving Date', 'Reason' are missing" in refused()


def test_a_mapping_to_no_column_or_without_a_needed_one(
    land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER + ROWS)
    assert "leavers has no column 'reasons'; did you mean 'reason'?" in refused(
        columns={**LEAVERS, "reasons": "Reason"}
    )
    assert "no column 'bend'" in refused(values_from={"bend": "bands.csv"})
    assert "the column person is needed and is not given" in refused(columns={"leaving_date": "Leaving Date"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "not there or cannot be read"),
        ("a,b\nx\n", "row 2 does not have two fields"),
        ("a,b\nx,1\nx,2\n", "row 3 gives a word"),
    ],
)
def test_a_list_of_words_that_cannot_be_used(
    content: str | None, says: str, land: Callable[..., Path], refused: Callable[..., str], tmp_path: Path
) -> None:
    land(HEADER + ROWS)
    if content is not None:
        (tmp_path / "catalogue" / "reasons.csv").write_text(content)
    assert says in refused(values_from={"reason": "reasons.csv"})


def test_rows_of_which_none_is_taken(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    land("Employee Number,Leaving Date,Reason,Status,From,To\n1001,,,Active,1 May 2026,\n")
    assert "no row is taken" in refused(keep={"Status": ("active",)})
    assert (
        "no date under the headings of in_force can be read by the format %d/%m/%Y: unreadable: expected DD/MM/YYYY"
    ) in refused(in_force={"start": "From", "end": "To"})


def test_a_file_that_changes_while_it_is_read(
    land: Callable[..., Path], refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from resources.mapping import RowMapping

    path = land(HEADER + ROWS)
    received = RowMapping.received

    def slowly(*arguments: Any) -> pl.DataFrame:
        path.write_text(HEADER + ROWS + "1003,,,\n")
        return received(*arguments)

    monkeypatch.setattr(RowMapping, "received", slowly)
    assert "leavers.csv: the file changed while it was read" in refused()


def test_a_file_that_cannot_be_read(land: Callable[..., Path], refused: Callable[..., str]) -> None:
    path = land(HEADER + ROWS)
    path.rename(path.with_name("elsewhere.csv"))
    path.symlink_to(path.with_name("gone.csv"))
    assert "leavers.csv: the file cannot be read" in refused()


def test_a_storage_folder_that_cannot_be_written(
    land: Callable[..., Path], refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(HEADER + ROWS)
    real_open = os.open

    def without_leave(path: Any, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT and Path(path).parent == tmp_path / "lake":
            raise PermissionError(13, "Permission denied")
        return real_open(path, flags, *mode)

    monkeypatch.setattr(os, "open", without_leave)
    assert "nothing can be written there (Permission denied)" in refused()


def test_a_refusal_leaves_an_earlier_extract_as_it_was(
    land: Callable[..., Path], read: Read, tmp_path: Path
) -> None:
    land(HEADER + ROWS)
    read()
    before = (tmp_path / "lake" / "received.parquet").read_bytes()
    land(HEADER + ROWS + "1003,,Retirement,x,y\n")
    with pytest.raises(Refusal):
        read()
    assert (tmp_path / "lake" / "received.parquet").read_bytes() == before
    assert len(list((tmp_path / "lake").iterdir())) == 1


def test_a_date_format_without_percent_signs_and_a_quote_for_a_delimiter_are_no_source() -> None:
    with pytest.raises(ValueError, match="a date format is written with % signs"):
        source(date_format="dd/mm/yyyy")
    with pytest.raises(ValueError, match="delimiter"):
        source(delimiter='"')


# Extracts in the shapes that they come in


def test_a_staff_records_export(read: Read, land: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "catalogue" / "pay_scales.csv").write_text("Pay scale,Band\nXN05,Band 5\nXN06,Band 6\n")
    headings = (
        "", "EmployeeNumber", "LastName", "DateofBirth", "EffectiveStartDate", "EffectiveEndDate",
        "PrimaryAssignment", "UserAssignmentStatus", "DeletionFlag", "PayScale", "EthnicOrigin",
        "FTE", "Organisation",
    )  # fmt: skip
    rows = [
        ("7001", "01-Apr-2020", "31-Dec-4712", "Yes", "Active Assignment", "", "XN05", "C3", ".5"),
        ("7001", "01-Apr-2020", "31-Dec-4712", "No", "Active Assignment", "", "XN06", "C3", ".2"),
        ("7002", "01-Apr-2020", "30-Jun-2026", "Yes", "Active Assignment", "", "XN05", "J", "1"),
        ("7002", "01-Jul-2026", "31-Dec-4712", "Yes", "Acting Up", "", "XN06", "J", "1"),
        ("7003", "01-Jan-2021", "01-Jan-1900", "Yes", "Internal Secondment", "N", "XR99", "", ""),
        ("7004", "01-Jan-2021", "31-Dec-4712", "Yes", "Inactive Not Worked", "", "XN05", "A", "1"),
        ("7005", "01-Jan-2021", "31-Dec-4712", "Yes", "Active Assignment", "Y", "XN05", "A", "1"),
    ]
    lines = [",".join(headings)]
    for number, start, end, primary, status, deleted, scale, origin, fte in rows:
        cells = (
            "",
            number,
            "Invented",
            "01-Jan-1980",
            start,
            end,
            primary,
            status,
            deleted,
            scale,
            origin,
            fte,
            "Medicine",
        )
        lines.append(",".join(cells))
    land("Invented NHS Trust\nStaff in post\nRun on 01-Oct-2026\n" + "\n".join(lines) + "\n", "staff.csv")
    extract, received = read(
        DATASETS["staff_in_post"],
        location="staff.csv",
        skip_rows=3,
        date_format="%d-%b-%Y",
        columns={
            "person": "EmployeeNumber", "ethnic_code": "EthnicOrigin", "band": "PayScale",
            "directorate": "Organisation", "fte": "FTE",
        },
        values_from={"band": "pay_scales.csv"},
        constants={"snapshot_date": "{quarter_end}", "senior_manager": "false", "board_member": "false"},
        no_value=("31-Dec-4712", "01-Jan-1900"),
        keep={
            "PrimaryAssignment": ("Yes",),
            "UserAssignmentStatus": ("Active Assignment", "Internal Secondment", "Acting Up"),
            "DeletionFlag": ("", "N"),
        },
        in_force={"start": "EffectiveStartDate", "end": "EffectiveEndDate"},
    )  # fmt: skip
    assert extract is not None
    unsaid = ("file", "snapshot_date", "senior_manager", "board_member", "keep", "in_force")
    assert received.drop(unsaid).rows() == [
        (5, pseudonym("7001"), "C3", "Band 5", "Medicine", ".5"),
        (8, pseudonym("7002"), "J", "Band 6", "Medicine", "1"),
        (9, pseudonym("7003"), None, WITHHELD, "Medicine", None),
    ]
    assert received["snapshot_date"].unique().to_list() == ["2026-09-30"]
    assert (extract.files[0].rows, extract.rows, extract.rows_left_out) == (7, 3, 4)
    assert extract.left_behind == ("DateofBirth", "LastName")


def test_a_recruitment_export(read: Read, land: Callable[..., Path]) -> None:
    land(
        "Application ID\tVacancy Ref\tVacancy Closed\tApplicant Name\tEthnic Origin\t"
        "Shortlisted?\tInterview\tOutcome\n"
        "A1\tV1\t20/08/2026\tInvented One\tC3\tYes\tAttended\tAppointed\n"
        "A2\tV1\t20/08/2026\tInvented Two\tJ\tYes\tDid not attend\tNot appointed\n"
        "A3\tV2\t\tInvented Three\tI do not wish to disclose\tNo\t\t\n",
        "applications.txt",
    )
    extract, received = read(
        DATASETS["recruitment"],
        location="applications.txt",
        delimiter="\t",
        columns={
            "application": "Application ID",
            "vacancy": "Vacancy Ref",
            "completed_date": "Vacancy Closed",
            "ethnic_code": "Ethnic Origin",
            "shortlisted": "Shortlisted?",
            "interviewed": "Interview",
            "appointed": "Outcome",
        },
        constants={"channel": "NHS Jobs"},
        values={
            "interviewed": {"Attended": "true", "Did not attend": "false", "": "false"},
            "appointed": {"Appointed": "true", "Not appointed": "false", "": "false"},
        },
    )
    assert extract is not None
    assert received.drop("file", "application").rows() == [
        (2, pseudonym("V1"), "2026-08-20", "C3", "NHS Jobs", "Yes", "true", "true"),
        (3, pseudonym("V1"), "2026-08-20", "J", "NHS Jobs", "Yes", "false", "false"),
        (4, pseudonym("V2"), None, "I do not wish to disclose", "NHS Jobs", "No", "false", "false"),
    ]
    assert received["application"].n_unique() == 3
    assert extract.left_behind == ("Applicant Name",)


# Identifiers


def test_what_stands_for_nobody_is_no_pseudonym_and_says_why_in_place_of_itself(
    read: Read, land: Callable[..., Path], tmp_path: Path
) -> None:
    texts = ["00123", "#N/A", '"=""00123"""', "'00123", "1.23E+02", "123.0", "n/a", "00\u200b123"]
    land(HEADER + "".join(f"{text},31/08/2026,,\n" for text in texts))
    _, rows = read()
    first, *others = rows["person"].to_list()
    assert first == pseudonym("00123")
    assert all(other.startswith("(no identifier: ") for other in others)
    assert len(set(others)) == len(others)


def test_words_and_no_value_are_applied_before_an_identifier_is_judged(
    read: Read, land: Callable[..., Path]
) -> None:
    land(HEADER + "TBC,31/08/2026,,\nThe chair,31/08/2026,,\n")
    _, rows = read(no_value=("TBC",), values={"person": {"The chair": "00001"}})
    assert rows["person"].to_list() == [None, pseudonym("00001")]


def test_lost_zeros_are_put_back_where_the_source_says_how_many_digits_there_are(
    read: Read, land: Callable[..., Path]
) -> None:
    texts = ["123", "00123", "E123", "1234567890", "0", ""]
    land(HEADER + "".join(f"{text},31/08/2026,,\n" for text in texts))
    _, rows = read(digits={"person": 8})
    ours = [pseudonym(each) for each in ("00000123", "00000123", "E123", "1234567890", "00000000")]
    assert rows["person"].to_list() == [*ours, None]


def test_numbers_without_their_zeros_are_kept_as_pseudonyms_of_the_same_key(
    read: Read, land: Callable[..., Path], tmp_path: Path
) -> None:
    land(HEADER + "00123,31/08/2026,,\n123,31/08/2026,,\n")
    read()
    kept = pl.read_parquet(tmp_path / "lake" / "received.parquet")
    assert kept["person_without_zeros"].to_list() == [pseudonym("123"), None]
    assert kept["person"][1] == pseudonym("123")


LINE_BREAKS = "rows with a line break within quotes, under headings that are not read"
CUT_SHORT = "rows with fewer fields than there are headings"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_with_fewer_fields_than_headings_are_counted_and_said(
    delimiter: str, line_end: str, read: Read, land: Callable[..., Path]
) -> None:
    lines = [
        "Employee Number,Leaving Date,Reason,Notes",
        '1001,31/08/2026,Retirement,"left, as ""agreed"",',
        'in June"',
        "1002,31/08/2026,Retirement,",
        "1003,31/08/2026,,",
        "",
        ",,",
        '1004,31/08/2026,"Retirement"',
        "1005,31/08/2026",
        '1006,"31/08/2026"',
    ]
    land(line_end.join(lines).replace(",", delimiter) + line_end)
    columns = {"person": "Employee Number", "leaving_date": "Leaving Date", "reason": "Reason"}
    extract, rows = read(delimiter=delimiter, columns=columns)
    assert extract is not None
    assert _said(extract) == [
        f"{CUT_SHORT}: 3; what they lack is read as blank",
        f"{LINE_BREAKS}: 1; the first is row 2",
        "blank rows were passed over",
    ]
    assert rows["reason"].to_list() == ["Retirement"] * 2 + [None, "Retirement", None, None]


def test_no_row_of_one_heading_or_of_all_its_fields_is_cut_short(
    read: Read, land: Callable[..., Path]
) -> None:
    # Marks within fields that stand in no quotes: inches, by those who measure desks.
    inches = '5" x 6,5",7'
    land(f"Employee Number,Leaving Date,Reason\n1001,31/08/2026,\n1002,,\n{inches}\n")
    columns = {"person": "Employee Number", "leaving_date": "Leaving Date", "reason": "Reason"}
    with_marks, _ = read(columns=columns)
    assert with_marks is not None
    assert _said(with_marks) == []


def test_a_blank_and_a_text_that_stands_for_nothing_are_read_as_the_word_for_a_blank_and_counted(
    read: Read, land: Callable[..., Path]
) -> None:
    land(
        "Ref,Vacancy,Completed,Shortlisted,Declined\n"
        "R1,V1,31/08/2026,Yes,\nR2,V1,31/08/2026,Yes,  \nR3,V1,31/08/2026,Yes,n/a\nR4,V1,31/08/2026,Yes,Yes\n"
        "R5,V1,31/08/2026,n/a,No\n"
    )
    columns = {"application": "Ref", "vacancy": "Vacancy", "completed_date": "Completed", "shortlisted": "Shortlisted",
               "declined": "Declined"}  # fmt: skip
    extract, rows = read(
        DATASETS["recruitment"], columns=columns, no_value=("n/a",), values={"declined": {"": "false"}}
    )
    assert extract is not None
    assert rows["declined"].to_list() == ["false", "false", "false", "Yes", "No"]
    assert rows["shortlisted"].to_list() == ["Yes"] * 4 + [None], "of another column nothing is said"
    assert _said(extract) == [
        "rows whose declined is blank and is read as false, as catalogue/sources.yaml says: 3"
    ]


# What a file stands for


@pytest.mark.parametrize("line", ["1\n", "\n", "1\r"])
def test_more_lines_than_a_text_of_its_size_holds_are_refused_before_they_are_read(
    line: str, land: Callable[..., Path], refused: Callable[..., str]
) -> None:
    land(HEADER + line * 300_000)
    assert "leavers, leavers.csv: it stands for 300,00" in refused()


def test_an_error_that_nobody_foresaw_is_a_refusal_of_the_file_by_its_kind(
    land: Callable[..., Path], refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    land(HEADER + ROWS)

    def panics(*_: object) -> None:
        raise pl.exceptions.PanicException("Quince")

    def fails(*_: object) -> None:
        raise ValueError("Quince")

    for failing, kind in ((panics, "PanicException"), (fails, "ValueError")):
        monkeypatch.setattr("resources.mapping.RowMapping.received", failing)
        sentence = refused()
        assert sentence.startswith("leavers, leavers.csv: ")
        assert f"({kind} in test_landing.py, line " in sentence


# What a file stands for


def test_rows_that_end_early_under_many_headings_are_refused_before_they_are_filled_up(
    land: Callable[..., Path], refused: Callable[..., str], read: Read
) -> None:
    headings = HEADER.strip() + "".join(f",h{at}" for at in range(1_996)) + "\n"
    rows = "".join(f"{1000 + at},31/08/2026\n" for at in range(60_000))
    land(headings + rows)
    said = refused()
    assert "it stands for 120,002,000 cells, of 60,001 rows under 2,000 headings, and is of" in said
    land(HEADER + rows)
    extract, _ = read()
    assert extract is not None
    assert extract.rows == 60_000


def test_what_polars_says_when_it_panics_over_a_row_reaches_nobody(
    land: Callable[..., Path], refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def panics(*_: object, **__: object) -> None:
        os.write(2, b"thread 'polars-0' panicked at str.rs:7: Quincey is not a char boundary\n")
        raise PanicException("Quincey")

    monkeypatch.setattr("resources.dividing.pl.scan_csv", panics)
    land(HEADER + ROWS)
    assert "an error that was not foreseen (PanicException in" in refused()
    assert capfd.readouterr().err == ""
