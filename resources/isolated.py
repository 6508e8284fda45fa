"""Reading a file's table in a process of its own, lent so much memory and time: no file can end ours.

What the process dies of is a refusal of the file, in words. Rows come back as Arrow, over a socket; nothing of them
is written anywhere. What opens a table belongs in the module of its format.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the process sets its limits before it imports what is large
    import polars as pl

    from disparity.catalogue import Source
    from disparity.refusal import Refusal
    from resources.tables import Hint, Table

_MIB = 1 << 20
# Address space, of which some 400 MiB are libraries that are mapped and hardly used: a file of 10 MiB stays below 1 GB.
_LEAST_MEMORY = 1_024 * _MIB
_SMALL_FILE = 10 * _MIB
_MEMORY_PER_BYTE = 32
# Of computing, for libraries and all: what is read of such a file is dealt with in the two seconds left of ten.
_LEAST_SECONDS = 8
_BYTES_A_SECOND = _MIB
_NO_MEMORY = 70
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux
# How a parser ends that asks for memory and gets none; the last is what the system does to whoever has too much.
_OUT_OF_MEMORY = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGKILL)
# One thread each: every further one reserves address space, and the work is one parser's.
_ONE_THREAD = {
    "POLARS_MAX_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}

Opener = Callable[[Path, "Source", str], "Table"]


@contextmanager
def table_apart(opener: Opener, path: Path, source: Source, where: str) -> Iterator[Table]:
    """Lend the table that ``opener(path, source, where)`` gives, opened and read in a process of its own.

    ``opener`` is a function of a module, found there by its name. The process ends with the context. Raises what
    the opener raises of Refusal and OSError; Refusal where the process died, took too much memory or too long, or
    the rows stand for more than a file of that size may; Refusal by its kind for any other error in it.
    """
    size = path.stat().st_size
    memory, seconds = memory_lent(size), seconds_lent(size)
    ours, theirs = Pipe()
    with ours:
        with theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "resources.isolated",
                    str(theirs.fileno()),
                    str(memory),
                    str(seconds),
                    str(os.getpid()),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what a parser says when it dies may quote a row
                env=_environment(),
            )
        try:
            yield _Apart(ours, process, memory, seconds, where).opened(opener, path, source)
        finally:
            process.kill()
            process.wait()


def memory_lent(size: int) -> int:
    """Return the bytes of address space lent to read a file of so many bytes."""
    return _LEAST_MEMORY + _MEMORY_PER_BYTE * max(0, size - _SMALL_FILE)


def seconds_lent(size: int) -> int:
    """Return the seconds of computing lent to read a file of so many bytes."""
    return _LEAST_SECONDS + max(0, size - _SMALL_FILE) // _BYTES_A_SECOND


def _environment() -> dict[str, str]:
    """Return the environment without our own settings, the key among them, and with the way to this very code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RACE_EQUALITY_")}
    code = str(Path(__file__).parents[1])
    return kept | _ONE_THREAD | {"PYTHONPATH": os.pathsep.join(filter(None, (code, kept.get("PYTHONPATH"))))}


class _Apart:
    """Our end of the conversation with the process that has the table."""

    def __init__(
        self, link: Connection, process: subprocess.Popen[bytes], memory: int, seconds: int, where: str
    ) -> None:
        self._link, self._process, self._where = link, process, where
        self._memory, self._seconds = memory, seconds

    def opened(self, opener: Opener, path: Path, source: Source) -> Table:
        from resources.notes import Note
        from resources.tables import Table

        top = self._answer(pickle.dumps((opener, path, source, self._where)))
        notes = tuple(Note(*note) for note in top["notes"])
        return Table(tuple(top["headings"]), self._read, notes, self._hint, frozenset(top["nested"]))

    def _read(self, positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        import polars as pl

        answer = self._answer(json.dumps({"read": list(positions)}).encode())
        while answer["more"]:
            # The bytes are held here, as the frame may lie upon them.
            rows = self._received()
            yield pl.read_ipc_stream(io.BytesIO(rows))
            answer = self._answer()

    def _hint(self, wanted: Sequence[str]) -> Hint | None:
        from resources.tables import Hint

        hint = self._answer(json.dumps({"hint": list(wanted)}).encode())["hint"]
        return None if hint is None else Hint(**hint)

    def _answer(self, question: bytes | None = None) -> dict[str, Any]:
        from disparity.refusal import Refusal
        from resources.withheld import unforeseen

        if question is not None:
            try:
                self._link.send_bytes(question)
            except OSError:
                raise self._died() from None
        answer: dict[str, Any] = json.loads(self._received())
        if "refusal" in answer:
            raise Refusal(answer["refusal"], answer["there"])
        if "system" in answer:
            raise OSError(*answer["system"])
        if "unforeseen" in answer:
            raise unforeseen(answer["unforeseen"], self._where)
        return answer

    def _received(self) -> bytes:
        try:
            return self._link.recv_bytes()
        except (EOFError, OSError):
            raise self._died() from None

    def _died(self) -> Refusal:
        from disparity.refusal import refuse

        match self._process.wait():
            case code if code == -signal.SIGXCPU:
                lent = f"{self._seconds} seconds of computing"
                what = f"reading it takes longer than the {lent} that a file of its size is lent"
            case code if code == _NO_MEMORY or -code in _OUT_OF_MEMORY:
                lent = f"{self._memory / 1e9:.1f} GB"
                what = f"reading it takes more memory than the {lent} that a file of its size is lent"
            case code if code < 0:
                what = f"what read it was ended by somebody else ({signal.Signals(-code).name})"
            case _:
                what = "the file is damaged, or written in a way that cannot be read"
        return refuse(
            what,
            where=self._where,
            rule="a file is read in a process of its own, with so much memory and time and no more",
            do="look for cells far to the right of the table or far below it and for very long texts, and export "
            "the table alone; or send it as CSV, or in several files (files: many)",
        )


def _serve(link: Connection) -> None:
    """Open the table that is asked for and answer questions of it until the other end hangs up."""
    from resources.expansion import held

    opener, path, source, where = pickle.loads(link.recv_bytes())  # noqa: S301 - of the process that started this one
    table: Table = opener(path, source, where)
    notes = [(note.words, note.rows) for note in table.notes]
    _say(link, headings=table.headings, notes=notes, nested=sorted(table.nested))
    while True:
        match json.loads(link.recv_bytes()):
            case {"hint": wanted}:
                hint = table.hint(wanted)
                _say(link, hint=hint and {"words": hint.words, "settings": dict(hint.settings)})
            case {"read": positions}:
                for rows in held(table.read(positions), path.stat().st_size, where):
                    _say(link, more=True)
                    content = io.BytesIO()
                    rows.write_ipc_stream(content)
                    link.send_bytes(content.getbuffer())
                _say(link, more=False)


def _say(link: Connection, **answer: Any) -> None:
    link.send_bytes(json.dumps(answer).encode())


def _limit(memory: int, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),  # a core file would hold the rows
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, hard))


def _end_with(parent: int) -> None:
    """End when the process that asked for this one does, however it ends: nobody else waits for the rows."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit()


def _main(link: Connection) -> None:
    from disparity.refusal import Refusal

    try:
        _serve(link)
    except Refusal as refusal:
        _say(link, refusal=str(refusal), there=refusal.there)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the other end has hung up
    except OSError as error:
        _say(link, system=[error.errno, error.strerror])
    except MemoryError:
        sys.exit(_NO_MEMORY)
    except BaseException as error:  # a parser that panics raises no Exception
        from resources.withheld import kind_and_place

        _say(link, unforeseen=kind_and_place(error))


if __name__ == "__main__":
    _end_with(int(sys.argv[4]))
    _limit(int(sys.argv[2]), int(sys.argv[3]))
    with Connection(int(sys.argv[1])) as other_end:
        _main(other_end)
