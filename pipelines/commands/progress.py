"""Progress of a run: a bar that moves with every step on a terminal, a line for each quarter's job elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """What to call as a run goes on: ``begin`` a job, by its words, and ``step_ended``."""

    begin: Callable[[str], None]
    step_ended: Callable[[], None]


@contextmanager
def progress(jobs: int, steps: int) -> Iterator[Progress]:
    """Say on the error stream how far ``jobs`` of ``steps`` in all have come."""
    if not sys.stderr.isatty():
        begun = 0

        def begin(words: str) -> None:
            nonlocal begun
            begun += 1
            sys.stderr.write(f"{begun}/{jobs} {words}\n")

        yield Progress(begin, lambda: None)
        return
    from rich import progress as bars
    from rich.console import Console

    # Dagster lays the error stream into its log of each step; the bar keeps to the terminal.
    terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
    console = Console(file=terminal, force_terminal=True)
    columns = bars.TextColumn("{task.description}"), bars.BarColumn(), bars.TimeElapsedColumn()
    with terminal, bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=steps)
        yield Progress(lambda words: bar.update(task, description=words), lambda: bar.advance(task))
