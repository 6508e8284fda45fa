"""A process that reads hostile files, watched: started anew where a file ended it, and ended where one keeps it busy."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
_LONGEST = 300  # seconds by the clock, as others may use the machine


@dataclass(frozen=True)
class Ended:
    """How a file ended: read, refused, in a traceback, in the death of the process or not at all; and what was said."""

    how: str
    words: str = ""
    seconds: float = 0.0
    megabytes: int = 0


class WatchedReader:
    """Reads files one after another in a process; ``apart`` as in a run, else all in that one."""

    def __init__(self, folder: Path, *, apart: bool) -> None:
        self._folder, self._apart = folder, apart
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> WatchedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, format_: str, content: bytes, how: str) -> Ended:
        """Read a file as ``how`` says: ``checked`` or ``received``."""
        path = self._folder / f"leavers.{format_}"
        path.write_bytes(content)
        process = self._process or self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"path": str(path), "format": format_, "how": how}) + "\n")
            process.stdin.flush()
            line = self._line(process)
        except BrokenPipeError:
            line = ""
        if line is None:
            self._end()
            return Ended("endless")
        if line == "":
            code = process.wait()
            self._end()
            return Ended("death", f"exit code {code}")
        return Ended(**json.loads(line))

    def _started(self) -> subprocess.Popen[str]:
        found = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        process = subprocess.Popen(
            [sys.executable, "-m", "hostile.reading", "apart" if self._apart else "here"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | found,
        )
        assert self._line(process) == "ready\n"
        self._process = process
        return process

    def _line(self, process: subprocess.Popen[str]) -> str | None:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], _LONGEST)
        return process.stdout.readline() if ready else None

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None
