"""The command line: sample, check, run, audit, publish, status, explain and more. Words in and out; no work of its own."""

from __future__ import annotations

import gc
import io
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from disparity.periods import FIRST_YEAR, LAST_YEAR, Quarter
from disparity.printable import printable_lines
from disparity.refusal import refuse

app = typer.Typer(
    help="Every quarter, whether White and ethnic minority staff are treated alike.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CatalogueOption = Annotated[
    Path | None, typer.Option("--catalogue", help="folder of the catalogue [RACE_EQUALITY_CATALOGUE]")
]
LandingOption = Annotated[
    Path | None, typer.Option("--landing", help="folder the extracts lie in [RACE_EQUALITY_LANDING]")
]
StorageOption = Annotated[
    Path | None, typer.Option("--storage", help="folder for everything written [RACE_EQUALITY_STORAGE]")
]


def _say(words: str) -> None:
    typer.echo(printable_lines(words))


def quarter_of(key: str, option: str = "--quarter") -> Quarter:
    """Read a quarter's key from the command line. Raises Refusal when it is not one."""
    try:
        return Quarter.from_key(key)
    except ValueError:
        raise refuse(
            f"{key!r} is not a quarter", where=option,
            rule=f"a quarter is named by its first day, in a year from {FIRST_YEAR} to {LAST_YEAR}",
            do="give the first of January, April, July or October, such as 2026-07-01",
        ) from None  # fmt: skip


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="folder to write the extracts to")],
    quarters: Annotated[int, typer.Option(min=1, max=40)] = 12,
    staff: Annotated[
        int | None, typer.Option(min=60, max=100_000, help="about how many [the catalogue of the kind says]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    profile: Annotated[
        Literal["trust", "membership_body"], typer.Option(help="the kind of organisation")
    ] = "trust",
    last_quarter: Annotated[str, typer.Option(help="the latest quarter written")] = "2026-07-01",
) -> None:
    """Write invented extracts of an invented organisation, with planted disparities listed in a manifest."""
    from pipelines.sample import write_sample

    written = write_sample(
        out,
        quarters=quarters,
        staff=staff,
        seed=seed,
        profile=profile,
        last_quarter=quarter_of(last_quarter, "--last-quarter"),
    )
    _say(f"Invented extracts of {quarters} quarters are in {out}. What was planted in them: {written}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="the extract to look at")],
    dataset: Annotated[str, typer.Option(help="which dataset it is, such as recruitment")],
    quarter: Annotated[
        str | None, typer.Option(help="also check that its rows belong to this quarter")
    ] = None,
    every_row: Annotated[
        bool, typer.Option("--all", help="name every bad row, not the first eight of each rule")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="also write the bad rows to this CSV file, and next to it a draft of the words of ethnicity "
            "that are not known"
        ),
    ] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Tell a supplier everything wrong with a file before it is handed over."""
    from pipelines.commands.checked_files import refuse_to_overwrite, write_files
    from pipelines.commands.checked_words import words_of
    from pipelines.commands.checking import check_file

    if out is not None:
        refuse_to_overwrite(out)
    with _leaving_in_order():
        findings = check_file(file, dataset, quarter_of(quarter) if quarter else None, catalogue)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    _say(words_of(findings, every_row=every_row, width=width))
    for path in write_files(findings, out) if out is not None else ():
        _say(f"Written: {path}")
    if not findings.good:
        raise typer.Exit(1)


@contextmanager
def _leaving_in_order() -> Iterator[None]:
    """Where the process is asked to end, or its terminal goes, end it so that what lies in a lent folder goes too."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    asked = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is signal.SIG_DFL]
    for each in asked:
        signal.signal(each, leave)
    try:
        yield
    finally:
        for each in asked:
            signal.signal(each, signal.SIG_DFL)


@app.command()
def run(
    quarter: Annotated[str, typer.Option(help="the quarter's first day, such as 2026-07-01")],
    history: Annotated[
        int, typer.Option(min=0, max=80, help="also bring this many quarters before up to date")
    ] = 0,
    landing: LandingOption = None,
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Run a quarter from its extracts to its report."""
    from pipelines.commands.running import run_quarters
    from resources.settings import Settings
    from resources.temporary import temporary_folder

    settings = Settings.from_environment(landing=landing, storage=storage, catalogue=catalogue)
    with temporary_folder("run"):
        outcome = run_quarters(settings, quarter_of(quarter), history)
    _say(outcome.words)
    if not outcome.good:
        raise typer.Exit(1)


@app.command()
def publish(
    quarter: Annotated[str, typer.Option(help="the quarter's first day")],
    approved_by: Annotated[str, typer.Option(help="who approves the release; kept with it")],
    even_if_empty: Annotated[
        bool, typer.Option("--even-if-empty", help="also publish a report that shows no figure")
    ] = False,
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Approve a quarter's latest releases by name and publish them, having shown which and what differs."""
    from pipelines.commands.running import publish_quarter
    from resources.settings import Settings

    settings = Settings.from_environment(storage=storage, catalogue=catalogue)
    outcome = publish_quarter(
        settings, quarter_of(quarter), approved_by, even_if_empty=even_if_empty, agreed=_agreed
    )
    _say(outcome.words)
    if not outcome.good:
        raise typer.Exit(1)


def _agreed(offered: str) -> bool:
    """Show what is about to be published, and ask whether to go on where there is somebody to answer."""
    _say(offered)
    return not (sys.stdin.isatty() and sys.stdout.isatty()) or typer.confirm("Approve and publish this?")


@app.command()
def status(storage: StorageOption = None, catalogue: CatalogueOption = None) -> None:
    """Show for every quarter what was received, released and published, and what of it is damaged."""
    from pipelines.commands.status import status_table
    from resources.settings import Settings

    if not status_table(Settings.from_environment(storage=storage, catalogue=catalogue)):
        raise typer.Exit(1)


@app.command()
def audit(
    quarter: Annotated[str, typer.Option(help="the quarter's first day")],
    audience: Annotated[
        Literal["published", "restricted"], typer.Option(help="whose report is attacked")
    ] = "published",
    seconds: Annotated[
        int, typer.Option(min=1, help="time for the attack; what is not proved by then fails")
    ] = 900,
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", help="a published folder to read back instead of what is kept; may be repeated"
        ),
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(help="what is everybody left of this count alone? INDICATOR/BREAKDOWN/LEVEL/CELL"),
    ] = None,
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Set an attacker with all reports on a quarter's: is every hidden count left enough values?"""
    from pipelines.commands.auditing import audit_cell, audit_files, audit_quarter
    from resources.settings import Settings

    settings, of = Settings.from_environment(storage=storage, catalogue=catalogue), quarter_of(quarter)
    if cell is not None:
        outcome = audit_cell(settings, of, audience, cell, folders or [])
    elif folders:
        outcome = audit_files(settings, of, audience, folders, seconds)
    else:
        outcome = audit_quarter(settings, of, audience, seconds)
    _say(outcome.words)
    if not outcome.good:
        raise typer.Exit(1)


@app.command(name="accept-loss")
def accept_loss(
    accepted_by: Annotated[str, typer.Option(help="who accepts it; kept on record")],
    reason: Annotated[str, typer.Option(help="why it cannot be brought back; kept on record")],
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Go on without a part of the storage that is lost: earlier reports it knew are not protected against any more."""
    from resources.belonging import accept_loss
    from resources.settings import Settings

    settings = Settings.from_environment(storage=storage, catalogue=catalogue)
    for lost in accept_loss(settings, accepted_by, reason):
        _say(f"Accepted, and kept on record: {lost}.")
    _say("Run each quarter again whose extracts you have: what comes out as it was is protected again.")


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="the indicator's name in the catalogue")],
    quarter: Annotated[str, typer.Option(help="the quarter's first day")],
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Show an analyst how a number came about. Exact counts: for named analysts alone."""
    from pipelines.commands.explaining import explanation
    from resources.settings import Settings

    settings = Settings.from_environment(storage=storage, catalogue=catalogue)
    _say(explanation(settings, indicator, quarter_of(quarter)))


# A count below 0 begins with a dash: it is refused in words as a count, not as an option that there is not.
@app.command(context_settings={"ignore_unknown_options": True})
def compare(
    counts_1: Annotated[
        str, typer.Argument(metavar="COUNTS_1", help="events/people of the first group, such as 235/2435")
    ],
    counts_2: Annotated[str, typer.Argument(metavar="COUNTS_2", help="events/people of the second group")],
    unknown: Annotated[
        str | None, typer.Option(help="events/people of unknown ethnicity, such as 10/50")
    ] = None,
    better: Annotated[
        Literal["higher", "lower"], typer.Option(help="lower: the ratio is the second group over the first")
    ] = "higher",
    group_1: Annotated[str, typer.Option("--group-1", help="words for the first group")] = "White",
    group_2: Annotated[str, typer.Option("--group-2", help="words for the second")] = "ethnic minority",
    base: Annotated[str, typer.Option(help='who is counted, such as "applicants"')] = "people",
    event: Annotated[str, typer.Option(help='what happened, such as "were called back"')] = "had the outcome",
    level: Annotated[float, typer.Option(help="level of the intervals")] = 0.95,
    as_object: Annotated[bool, typer.Option("--json", help="one JSON object, numbers unrounded")] = False,
) -> None:
    """Compare two groups from four numbers: rates, ratio, tests, flags, people, the unknown."""
    from pipelines.commands.compare.answer import answer, as_json
    from pipelines.commands.compare.question import question_of
    from pipelines.commands.compare.text import as_words

    asked = question_of(
        counts_1, counts_2, unknown=unknown, better=better, group_1=group_1, group_2=group_2, base=base,
        event=event, level=level,
    )  # fmt: skip
    found = answer(asked)
    _say(as_json(found) if as_object else as_words(found, wrap_sentence=sys.stdout.isatty()))


@app.command(hidden=True)
def demo(out: Annotated[Path, typer.Option(help="folder for the demonstration")] = Path("demo")) -> None:
    """Run the whole job on invented extracts and show its headline figures."""
    from pipelines.commands.demonstration import demonstrate

    demonstrate(out)


@app.command(hidden=True)
def ui(
    landing: LandingOption = None,
    storage: StorageOption = None,
    catalogue: CatalogueOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
    public_url: Annotated[
        str | None,
        typer.Option(
            envvar="RACE_EQUALITY_PUBLIC_URL",
            help="the https:// address people type, where a reverse proxy of this machine serves it",
        ),
    ] = None,
) -> None:
    """Start Dagster's interface on this machine alone, for whoever has the link that is printed."""
    from pipelines.interface.serving import serve
    from resources.settings import Settings

    settings = Settings.from_environment(landing=landing, storage=storage, catalogue=catalogue)
    with _leaving_in_order():
        serve(settings, port, public_url)


def main() -> None:
    """Run the command line. A user's mistake ends with its sentence and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal has no letter for is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    # A run makes millions of small objects that live to its end; to look for rubbish among them takes a tenth of its time.
    gc.set_threshold(100_000, 20, 20)
    try:
        try:
            app()
        finally:
            _flush()
    except Exception as error:
        from resources.system_errors import refusal_of_the_system

        refusal = refusal_of_the_system(error)
        if refusal is None:
            raise
        _drop_what_cannot_be_written()
        if not isinstance(error, BrokenPipeError):  # whoever read has seen enough, as `head` has
            with suppress(OSError):  # with nowhere left to say it, the exit code says it
                sys.stderr.write(f"{printable_lines(str(refusal))}\n")
        sys.exit(1)


def _flush() -> None:
    if sys.stdout is not None:  # as it is where the output was closed before we began
        sys.stdout.flush()


def _drop_what_cannot_be_written() -> None:
    """Where the output takes no more, lead what is left of it nowhere: Python would try again as it ends."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
