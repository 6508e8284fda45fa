"""Reads extracts one after another and says how each ended: a process that whoever drives it starts, and starts anew.

A line of standard input is a task, a line of standard output its answer, both JSON. ``apart`` is whether files are read
in a process of their own, as a run reads them; otherwise each is read in this one, which is as much limited, and which
a parser may end.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
import traceback
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.refusal import Refusal
from hostile.sound import COLUMNS
from pipelines.commands import checking
from pipelines.commands.checked_words import words_of
from resources import isolated, landing
from resources.catalogue import DEFAULT, load_catalogue
from resources.pseudonyms import PseudonymKeys

QUARTER = Quarter.from_key("2026-07-01")
FORMATS = ("csv", "xlsx", "ods", "parquet")


def catalogue_of(format_: str, folder: Path) -> Path:
    """Write the default catalogue with one source, of leavers in that format."""
    made = folder / format_
    shutil.copytree(DEFAULT, made)
    source: dict[str, Any] = {"format": format_, "location": f"leavers.{format_}", "columns": COLUMNS}
    # What leaves rows out is said with the words that it was, which a shifted row changes.
    source |= {"date_format": "%d/%m/%Y", "keep": {"Directorate": ["Medicine", "Surgery"]}}
    sources = yaml.safe_load((made / "sources.yaml").read_text(encoding="utf-8")) | {"leavers": source}
    (made / "sources.yaml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    return made


class Readings:
    """How files of each format end that a supplier checks, and that a run receives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._catalogues = {each: catalogue_of(each, folder) for each in FORMATS}
        self._loaded = {each: load_catalogue(made) for each, made in self._catalogues.items()}

    def checked(self, path: Path, format_: str) -> str:
        """What a supplier is shown."""
        return words_of(checking.check_file(path, "leavers", QUARTER, self._catalogues[format_]))

    def received(self, path: Path, format_: str) -> str:
        """What a run keeps of how a file was read."""
        catalogue = self._loaded[format_]
        source = catalogue.sources["leavers"].model_copy(update={"location": str(path)})
        extract = landing.read_extract(
            DATASETS["leavers"], source, self._catalogues[format_], vocabulary_of(catalogue), QUARTER,
            path.parent, PseudonymKeys(bytes(32)), self._folder / "received.parquet",
        )  # fmt: skip
        assert extract is not None
        return "\n".join(note.said(str) for file in extract.files for note in file.notes)


def _in_this_process(opener: Any, path: Path, source: Any, where: str) -> Any:
    return nullcontext(opener(path, source, where))


def _most_memory() -> int:
    """The most KiB that this process has had; what getrusage says is that of who started it, where that had more."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0])


def _computing() -> float:
    """Seconds of computing so far: of this process and of those that it waited for, whatever else the machine does."""
    return sum(os.times()[:4])


def ended(reading: Any, path: Path, format_: str) -> dict[str, Any]:
    """Read a file, and say how it ended, how long it computed and the most memory so far."""
    began = _computing()
    try:
        how, words = "read", reading(path, format_)
    except Refusal as refusal:
        how, words = "refused", str(refusal)
    except BaseException:
        how, words = "traceback", traceback.format_exc()
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "how": how,
        "words": words,
        "seconds": round(_computing() - began, 2),
        "megabytes": max(_most_memory(), theirs) >> 10,
    }


def main(apart: bool) -> None:
    """Answer tasks until there are no more."""
    checking.load_catalogue = cache(load_catalogue)  # which takes longer than a small file
    if not apart:
        landing.table_apart = _in_this_process
        resource.setrlimit(resource.RLIMIT_AS, (2 * isolated.memory_lent(0),) * 2)
    with tempfile.TemporaryDirectory() as folder:
        readings = Readings(Path(folder))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            task = json.loads(line)
            answer = ended(getattr(readings, task["how"]), Path(task["path"]), task["format"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1] == "apart")
