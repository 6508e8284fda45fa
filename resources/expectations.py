"""Great Expectations over the profiles: a quarter judged, and Data Docs for analysts.

They are judged on a copy in a SQLite file that holds the table ``profile`` and nothing else, so that whatever a query
names, there is nothing else to be read or changed, and the same is found whichever database the profiles are kept in.
"""

from __future__ import annotations

import errno
import importlib
import os
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, insert, select

from disparity.catalogue.expectations import Expectation
from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from resources.databases.internal import InternalBase, Profile
from resources.databases.opening import open_database
from resources.lake import make_private_folder
from resources.reading_only import held_to_reading

AS_EXPECTED = "As expected."

LIMIT_SECONDS = 10
"""How long a query may take."""

_ROWS_AT_ONCE = 10_000
_BATCH = "whole_profile"
# Great Expectations puts a subquery in place of {batch}, with its own alias unless the query has a JOIN; and
# what a query finds stays in the database, but for whether it finds anything.
_FOUND = (
    f"WITH {_BATCH} AS (SELECT batch.* FROM {{{{batch}}}} AS batch CROSS JOIN (SELECT 1 AS one) AS one) "  # noqa: S608
    "SELECT 1 AS found FROM ({}) AS unexpected LIMIT 1"
)


@dataclass(frozen=True)
class Finding:
    """What became of one expectation, in words alone. One not judged is ``ok``, and its sentence says why."""

    name: str
    ok: bool
    sentence: str
    judged: bool = True


def validate_profiles(
    engine_url: str, quarter: Quarter, suites: Mapping[str, Sequence[Expectation]], data_docs: Path
) -> tuple[Finding, ...]:
    """Judge a quarter's profiles and build ``data_docs/<quarter>/``, readable by its owner alone.

    ``engine_url`` is the internal database. Findings stand in the order of the suites. Nothing leaves the
    machine. Importing Great Expectations takes about ten seconds, once per process. Raises Refusal when the
    database cannot be used, or an expectation cannot be evaluated.
    """
    engine = open_database("internal", engine_url)
    try:
        held = _quarters_held(engine)
        waiting = {each.name: _not_yet(each, quarter, held) for suite in suites.values() for each in suite}
        judged = {name: [each for each in suite if not waiting[each.name]] for name, suite in suites.items()}
        make_private_folder(data_docs)
        site = Path(tempfile.mkdtemp(prefix=f".{quarter.key}-", dir=data_docs))
        try:
            with _copied(engine, data_docs) as copy:
                _refuse_what_cannot_be_evaluated(copy, quarter, judged)
                met = _judge(copy, quarter, {name: suite for name, suite in judged.items() if suite}, site)
            findings = {
                name: tuple(_finding(each, waiting[each.name], met) for each in suite)
                for name, suite in suites.items()
            }
            _tidy(site, quarter, findings)
            _put_in_place(site, data_docs / quarter.key)
        finally:
            shutil.rmtree(site, ignore_errors=True)
    finally:
        engine.dispose()
    return tuple(finding for suite in findings.values() for finding in suite)


def _quarters_held(engine: Engine) -> dict[str, set[Quarter]]:
    """Return the quarters that each dataset has a profile of."""
    held: dict[str, set[Quarter]] = {}
    with engine.connect() as connection:
        for dataset, key in connection.execute(select(Profile.dataset, Profile.quarter).distinct()):
            held.setdefault(dataset, set()).add(Quarter.from_key(key))
    return held


def _not_yet(expectation: Expectation, quarter: Quarter, held: Mapping[str, set[Quarter]]) -> str:
    """Say why an expectation cannot be judged for a quarter, or ""."""
    wanted = {
        "quarter": {quarter},
        "previous_quarter": {quarter.plus(-1)},
        "same_quarter_last_year": {quarter.plus(-4)},
        "four_quarters_before": set(quarter.plus(-1).window(4)),
    }
    for name in sorted(expectation.quarters, key=list(wanted).index):
        for dataset in expectation.datasets:
            if not wanted[name] & held.get(dataset, set()):
                begins = "Not judged" if name == "quarter" else "Nothing to compare with yet"
                return f"{begins}: no extract of {dataset.replace('_', ' ')} for {_words(wanted[name])}."
    return ""


def _words(quarters: set[Quarter]) -> str:
    return (
        min(quarters).words
        if len(quarters) == 1
        else f"the quarters from {min(quarters).words} to {max(quarters).words}"
    )


def _finding(expectation: Expectation, waiting: str, met: Mapping[str, bool]) -> Finding:
    if waiting:
        return Finding(expectation.name, ok=True, sentence=waiting, judged=False)
    ok = met[expectation.name]
    return Finding(expectation.name, ok, AS_EXPECTED if ok else expectation.sentence)


@contextmanager
def _copied(engine: Engine, below: Path) -> Iterator[Path]:
    """Lend a SQLite file with the profiles of every quarter, and with nothing else."""
    with tempfile.TemporaryDirectory(prefix=".profiles-", dir=below) as folder:
        path = Path(folder) / "profile.db"
        table = InternalBase.metadata.tables[Profile.__tablename__]
        copy = create_engine(URL.create("sqlite", database=str(path)))
        with engine.connect() as held, copy.begin() as connection:
            table.create(connection)
            for rows in held.execute(select(table)).mappings().partitions(_ROWS_AT_ONCE):
                connection.execute(insert(table), [dict(row) for row in rows])
        copy.dispose()
        yield path


def _refuse_what_cannot_be_evaluated(
    copy: Path, quarter: Quarter, suites: Mapping[str, Sequence[Expectation]]
) -> None:
    """Run every query once, held to reading and to a time: Great Expectations would wait for one without end."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for expectation in (each for suite in suites.values() for each in suite if each.query is not None):
            where = f"expectations.yaml, {expectation.name}"
            query = _FOUND.replace("{{batch}}", "profile").format(_sql(expectation, quarter))
            try:
                with held_to_reading(connection, LIMIT_SECONDS, where):
                    connection.execute(query).fetchall()
            except sqlite3.Error:
                raise _not_evaluated(where) from None


def _judge(
    copy: Path, quarter: Quarter, suites: Mapping[str, Sequence[Expectation]], site: Path
) -> dict[str, bool]:
    """Validate the suites, build Great Expectations' pages below ``site``, and say by name what was met."""
    if not suites:
        return {}
    gx = _great_expectations()
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # As a variable of its own context: an address given as it stands may hold no space and no dollar sign.
    address = {"PROFILES": f"sqlite:///{copy}"}
    context = gx.get_context(mode="ephemeral", runtime_environment=address)
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for other in list(context.list_data_docs_sites()):
        context.delete_data_docs_site(other)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)}
    context.add_data_docs_site("analysts", {"class_name": "SiteBuilder", "store_backend": store})
    source = context.data_sources.add_sqlite(
        "internal", connection_string="${PROFILES}", create_temp_table=False
    )
    table = source.add_table_asset("profile", table_name="profile").add_batch_definition_whole_table(
        "profile"
    )
    # The quarter's own end, not the clock: a second run of a quarter takes the place of the first.
    run = RunIdentifier(run_name=quarter.key, run_time=datetime.combine(quarter.end, time(), tzinfo=UTC))
    met = {}
    try:
        for name, suite in suites.items():
            built = [_built(each, quarter) for each in suite]
            expected = context.suites.add(gx.ExpectationSuite(name=name, expectations=built))
            validation = context.validation_definitions.add(
                gx.ValidationDefinition(name=name, data=table, suite=expected)
            )
            met.update(_read(validation.run(result_format="BOOLEAN_ONLY", run_id=run).results))
        context.build_data_docs(site_names=["analysts"])
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
    return met


def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        # Its own imports use modules that newer Pythons deprecate: nothing for an analyst to act on.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations
    return great_expectations


def _built(expectation: Expectation, quarter: Quarter) -> Any:
    """Turn an expectation of the catalogue into one of Great Expectations'."""
    gxe: Any = importlib.import_module("great_expectations.expectations")

    told = {"meta": {"name": expectation.name}, "description": f"{expectation.name}: {expectation.sentence}"}
    if expectation.query is not None:
        sql = _sql(expectation, quarter)
        # Braces and colons would be read as places to fill in.
        sql = sql.replace("{", "{{").replace("}", "}}").replace(":", r"\:")
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=_FOUND.format(sql), **told)
    kind = getattr(gxe, "".join(word.title() for word in str(expectation.expect).split("_")))
    try:
        return kind(row_condition=_rows(expectation, quarter), **_arguments(expectation), **told)
    except (TypeError, ValueError):
        raise refuse(
            f"{expectation.expect} does not take these arguments",
            where=f"expectations.yaml, {expectation.name}",
            rule="an expectation has the arguments that Great Expectations documents for it",
            do="correct its arguments",
        ) from None


def _sql(expectation: Expectation, quarter: Quarter) -> str:
    keys = {
        "quarter": quarter.key,
        "previous_quarter": quarter.plus(-1).key,
        "same_quarter_last_year": quarter.plus(-4).key,
        "four_quarters_before": quarter.plus(-4).key,
    }
    return expectation.sql(keys, _BATCH)


def _rows(expectation: Expectation, quarter: Quarter) -> Any:
    column: Any = importlib.import_module("great_expectations.expectations.conditions").Column

    assert expectation.numbers is not None
    chosen = {"quarter": quarter.key, **expectation.numbers.model_dump(exclude_none=True)}
    first, *others = [column(name) == value for name, value in chosen.items()]
    for other in others:
        first = first & other
    return first


def _arguments(expectation: Expectation) -> dict[str, object]:
    about = {} if str(expectation.expect).startswith("expect_table") else {"column": "value"}
    return {
        **about,
        **{
            name: list(value) if isinstance(value, tuple) else value
            for name, value in expectation.arguments.items()
        },
    }


def _read(results: Iterable[Any]) -> dict[str, bool]:
    met = {}
    for result in results:
        name = result.expectation_config.meta["name"]
        raised = result.exception_info
        if raised.get("raised_exception") or any(isinstance(each, dict) for each in raised.values()):
            raise _not_evaluated(f"expectations.yaml, {name}")
        met[name] = bool(result.success)
    return met


def _not_evaluated(where: str) -> Refusal:
    return refuse(
        "it cannot be evaluated",
        where=where,
        rule="SQLite judges an expectation, and has its functions alone",
        do="try its query with SQLite on a table like the profile, and correct it",
    )


_OUTSIDE = re.compile(r'<script[^>]*\ssrc="https?:[^>]*>\s*</script>|<(?:link|img)\b[^>]*"https?:[^>]*>')
_STYLE = """<style>
body { font-family: Arial, sans-serif; margin: 2rem; line-height: 1.4 } table { border-collapse: collapse }
td:first-child { white-space: nowrap }
td, th { border-bottom: 1px solid #aeb7bd; padding: .5rem; text-align: left; vertical-align: top }
[hidden], .cooltip .top, .ge-walkthrough-modal, footer, .btn-group { display: none }
.fa-check-circle::before { content: "met" } .fa-times::before { content: "not met" }
.fa-exclamation-triangle::before { content: "not evaluated" }
.table-responsive, .card { overflow: auto }
</style>"""


def _tidy(site: Path, quarter: Quarter, findings: Mapping[str, Sequence[Finding]]) -> None:
    """Leave pages that need nothing from outside, and an index in words.

    Great Expectations' pages load styles and scripts from other servers, which owner-only pages must not ask.
    """
    shutil.rmtree(site / "static", ignore_errors=True)
    pages = {
        path.relative_to(site / "validations").parts[0]: path for path in site.glob("validations/**/*.html")
    }
    for page in site.rglob("*.html"):
        html = re.sub(r"<script>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        html = _OUTSIDE.sub("", html).replace("url('https:", "url('#")
        page.write_text(html.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")
    title = f"Expectations of {quarter.words}"
    body = "".join(
        f"<h2>{escape(name.replace('_', ' ').capitalize())}</h2>{_link(pages.get(name), site)}"
        f"<table>{''.join(map(_line, suite))}</table>"
        for name, suite in findings.items()
    )
    (site / "index.html").write_text(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{_STYLE}</head>'
        f"<body><h1>{title}</h1><p>For analysts. Not to be passed on.</p>{body}</body></html>\n",
        encoding="utf-8",
    )


def _link(page: Path | None, site: Path) -> str:
    if page is None:
        return ""
    return f'<p><a href="{escape(page.relative_to(site).as_posix())}">How each was judged</a></p>'


def _line(finding: Finding) -> str:
    state = "not judged" if not finding.judged else "met" if finding.ok else "<strong>not met</strong>"
    return f"<tr><td>{state}</td><td>{escape(finding.name)}</td><td>{escape(finding.sentence)}</td></tr>"


def _put_in_place(built: Path, place: Path) -> None:
    """Put a folder where another may stand, which leaves first; of two runs at once the later one stays."""
    while True:
        try:
            built.rename(place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        old = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        with suppress(FileNotFoundError):
            place.rename(old / place.name)
        shutil.rmtree(old)
