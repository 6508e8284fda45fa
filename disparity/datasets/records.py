"""From received text to records: cast, crosswalk, validate; refused rows get number, column and rule."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import polars as pl
from pandera.errors import SchemaDefinitionError, SchemaErrors

from disparity.datasets.contract import Dataset, Vocabulary
from disparity.datasets.identifiers import cause_of, is_marked
from disparity.datasets.readable import UNREADABLE, read, rule_withheld
from disparity.ethnicity import COLUMNS as ETHNICITY_COLUMNS
from disparity.ethnicity import Comparison, Crosswalk
from disparity.periods import Quarter

ROW = ("file", "row_number")
REJECTS = pl.Schema({"file": pl.String, "row_number": pl.Int64, "column": pl.String, "rule": pl.String})

WHOLE_ROW = "(row)"
IN_FORCE = "in_force"
KEEP = "keep"
MARKS = (IN_FORCE, KEEP)
"""The received columns, none of a dataset, that mark rows which a source's settings can neither take nor leave out.

Their effective dates cannot be read, or the word that they are chosen by is nearly one of those kept.
"""

EMPTY = "empty"
NOT_A_CODE = "not a known ethnic code"
DUPLICATE = "the same row stands before"
CONFLICT = "another row has the same key and says something else"
OTHER_PERIOD = "belongs to "
_NEARBY = 4
_RULES_NAMED = 3


@dataclass(frozen=True)
class Batch:
    """Accepted rows of one batch, one line per row and rule that failed, and how many rows have a date."""

    accepted: pl.DataFrame
    rejects: pl.DataFrame
    dated: int


class RecordContract:
    """One dataset's rules for one quarter, ready to judge batches of received rows."""

    def __init__(
        self,
        dataset: Dataset,
        vocabulary: Vocabulary,
        crosswalk: Crosswalk,
        comparison: Comparison,
        quarter: Quarter | None,
    ) -> None:
        """Prepare the rules. Without a quarter, rows of any period are taken (a supplier's check)."""
        self.dataset = dataset
        self.schema = dataset.schema(vocabulary)
        self.kinds = {name: described.kind for name, described in dataset.columns(vocabulary).items()}
        self.quarter = quarter
        self._ethnicities = crosswalk.frame(comparison)
        self._not_known = crosswalk.not_known.code

    def judge(self, received: pl.DataFrame) -> Batch:
        """Judge one batch of received text: ``file``, ``row_number`` and the mapped columns as text."""
        text = received.with_columns(
            pl.lit(None, pl.String).alias(name) for name in self.kinds if name not in received.columns
        )
        typed = text.select(
            *ROW, *(read(pl.col(name), kind).alias(name) for name, kind in self.kinds.items())
        )
        typed = self._with_ethnicity(typed)
        rejects = pl.concat(
            [self._unreadable(text, typed), self._failures(typed), self._of_other_periods(typed)]
        )
        rejects = _one_reason_a_column(rejects)
        accepted = typed.join(rejects.select(ROW).unique(), on=ROW, how="anti", maintain_order="left")
        return Batch(accepted, rejects, typed[self.dataset.period_column].count())

    def _with_ethnicity(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Add what each code or label means; one that is not known stays as it was given, and fails."""
        given = pl.col("ethnic_code").str.strip_chars()
        raw = pl.when(given != "").then(given).fill_null(self._not_known).str.to_lowercase()
        found = typed.with_columns(raw=raw).join(
            self._ethnicities, on="raw", how="left", maintain_order="left", suffix="_known"
        )
        code = pl.coalesce("ethnic_code_known", "ethnic_code")
        return found.with_columns(ethnic_code=code).select(*ROW, *self.kinds, *ETHNICITY_COLUMNS[1:])

    def _unreadable(self, text: pl.DataFrame, typed: pl.DataFrame) -> pl.DataFrame:
        lost = {
            name: text[name].is_not_null() & typed[name].is_null()
            for name, kind in self.kinds.items()
            if kind != "ethnicity"
        } | {mark: text[mark].is_not_null() for mark in MARKS if mark in text.columns}
        rejects = [
            text.filter(rows).select(*ROW, column=pl.lit(name), rule=_rule_of(pl.col(name)))
            for name, rows in lost.items()
        ]
        return pl.concat([pl.DataFrame(schema=REJECTS), *rejects])

    def _failures(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Return pandera's verdicts as row, column and rule. Its table holds raw values and stays here."""
        try:
            self.schema.validate(typed.select(*self.kinds), lazy=True)
        except SchemaErrors as errors:
            cases: pl.DataFrame = errors.failure_cases
        else:
            return pl.DataFrame(schema=REJECTS)
        if cases["index"].null_count():
            raise SchemaDefinitionError(f"the schema of {self.dataset.name} does not fit its own columns")
        of_column, rule = pl.col("schema_context") == "Column", pl.col("check")
        cases = cases.select(
            pl.col("index").cast(pl.Int64),
            column=pl.when(of_column).then("column").otherwise(pl.lit(WHOLE_ROW)),
            rule=pl.when(rule == "not_nullable")
            .then(pl.lit(EMPTY))
            .when(of_column & (pl.col("column") == "ethnic_code"))
            .then(pl.lit(NOT_A_CODE))
            .otherwise(rule),
        )
        rows = typed.select(ROW).with_row_index("index").with_columns(pl.col("index").cast(pl.Int64))
        return cases.join(rows, on="index").sort("index", maintain_order=True).select(REJECTS.names())

    def _of_other_periods(self, typed: pl.DataFrame) -> pl.DataFrame:
        if self.quarter is None:
            return pl.DataFrame(schema=REJECTS)
        day = pl.col(self.dataset.period_column)
        start = day.dt.truncate("1q")
        late = typed.filter(start != self.quarter.start).select(*ROW, start=start)
        nearby = [self.quarter.plus(quarters) for quarters in range(-_NEARBY, _NEARBY + 1)]
        return late.select(
            *ROW,
            column=pl.lit(self.dataset.period_column),
            # A date years away is another column's, a birth date perhaps: its quarter would tell whose row it is.
            rule=pl.col("start").replace_strict(
                [each.start for each in nearby],
                [f"{OTHER_PERIOD}{each.words}" for each in nearby],
                default=pl.lit(f"{OTHER_PERIOD}another quarter"),
                return_dtype=pl.String,
            ),
        )


def _rule_of(text: pl.Expr) -> pl.Expr:
    """Return the rule that what stands in place of a value says, or that it is unreadable."""
    return pl.coalesce(rule_withheld(text), cause_of(text), pl.lit(UNREADABLE))


def _one_reason_a_column(rejects: pl.DataFrame) -> pl.DataFrame:
    """Keep the first reason for a column of a row (unreadable is also empty), and every rule of the row."""
    across = pl.when(pl.col("column") == WHOLE_ROW).then("rule")
    named = rejects.with_columns(across=across)
    return named.unique(["file", "row_number", "column", "across"], keep="first", maintain_order=True).drop(
        "across"
    )


def repeated_keys(received: pl.LazyFrame, dataset: Dataset) -> pl.DataFrame:
    """Return rejects for rows that share a key: of exact duplicates the first stays, of conflicts none.

    One pass finds the keys that occur more than once; the rows themselves are compared for those alone. A row
    that a source's settings can neither take nor leave out repeats none: it is rejected for that. Nor does one whose
    key stands for nobody.
    """
    key = list(dataset.key)
    for mark in set(MARKS) & set(received.collect_schema().names()):
        received = received.filter(pl.col(mark).is_null())
    rows = received.filter(
        pl.all_horizontal(pl.col(key).is_not_null(), *(~is_marked(pl.col(each)) for each in key))
    )
    repeated = rows.group_by(key).agg(pl.len().alias("times")).filter(pl.col("times") > 1).select(key)
    again = rows.join(repeated, on=key, how="semi").collect(engine="streaming").sort(ROW)
    if again.is_empty():
        return pl.DataFrame(schema=REJECTS)
    content = pl.struct(pl.exclude(*ROW, *key))
    judged = again.with_columns(
        same=content.n_unique().over(key) == 1, first=pl.int_range(pl.len()).over(key) == 0
    ).filter(~(pl.col("same") & pl.col("first")))
    return judged.select(
        *ROW,
        column=pl.lit(", ".join(key)),
        rule=pl.when("same").then(pl.lit(DUPLICATE)).otherwise(pl.lit(CONFLICT)),
    )


def take_ethnicity_of_staff(records: pl.LazyFrame, staff: pl.LazyFrame) -> pl.LazyFrame:
    """Fill an ethnicity that was never recorded with that of the same person in staff in post.

    A recorded refusal is kept. ``ethnicity_from`` says ``own`` or ``staff in post``.
    """
    columns = list(ETHNICITY_COLUMNS)
    listed = staff.select("person", *(pl.col(name).alias(f"staff_{name}") for name in columns))
    joined = records.join(listed, on="person", how="left", maintain_order="left")
    taken = (pl.col("ethnicity_answer") == "not_known") & pl.col("staff_ethnicity_answer").is_in(
        ["known", "declined"]
    )
    return joined.with_columns(
        *(pl.when(taken).then(f"staff_{name}").otherwise(name).alias(name) for name in columns),
        ethnicity_from=pl.when(taken).then(pl.lit("staff in post")).otherwise(pl.lit("own")),
    ).drop(f"staff_{name}" for name in columns)


def refusal_words(
    dataset: Dataset, quarter: Quarter, rejects: pl.DataFrame, *, received: int, dated: int, limit_percent: float,
    of_files: bool = True,
) -> str:  # fmt: skip
    """Say why an extract as a whole is refused, or "" when it is not.

    ``dated`` of the ``received`` rows have a date that says their quarter. Rules are named, never how many rows
    broke them: the words stand in logs, and a number could be a few people's.
    """
    elsewhere = rejects.filter(pl.col("rule").str.starts_with(OTHER_PERIOD)).select(ROW).n_unique()
    rejected = rejects.select(ROW).n_unique()
    see = _how_to_see(dataset, quarter, rejects) if of_files else ""
    if 2 * elsewhere > dated:
        return (
            f"most rows that have a date belong to another quarter than {quarter.words}. {see}"
            f"Send the extract of {quarter.words}, or place this one under its own quarter"
        )
    if 100 * rejected > limit_percent * received:
        return (
            f"more than {limit_percent:g}% of rows were rejected, which is the limit: {_commonest(rejects)}. {see}"
            "Mend the extract and send it again"
        )
    return ""


def _commonest(rejects: pl.DataFrame) -> str:
    rules = (
        rejects.group_by("column", "rule")
        .len()
        .sort("len", "column", "rule", descending=[True, False, False])
    )
    named = [f"{column} ({rule})" for column, rule, _ in rules.head(_RULES_NAMED).iter_rows()]
    return "; ".join([*named, *(["and more"] if rules.height > _RULES_NAMED else [])])


def _how_to_see(dataset: Dataset, quarter: Quarter, rejects: pl.DataFrame) -> str:
    """Name the command that lists the rejected rows of the file that has most of them."""
    if rejects.is_empty():
        return ""
    file = rejects.group_by("file").len().sort("len", "file", descending=[True, False])["file"][0]
    options = f"--dataset {dataset.name} --quarter {quarter.key}"
    return f"To see which rows: race-equality check {shlex.quote(file)} {options}. "
