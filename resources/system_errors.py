"""What the machine refuses in the midst of work, in words: a full disk, a read-only folder, a database that stopped.

Whoever knows what was being done says it better, where it happens. This is for everything else, at the edge where a
command or a step ends. A fault of the program is none of it and keeps its traceback.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator

from disparity.refusal import Refusal, refuse

_AGAIN = "and run the same again: what was written before is whole"
_RULE = "the pipeline needs room, leave to write and its databases, for as long as it works"
_CAUSES = {
    errno.ENOSPC: ("there is no room left on the disk", "make room there"),
    errno.EDQUOT: ("this account may take no more room on the disk", "make room there, or have its quota raised"),
    errno.EFBIG: ("a file has grown to the limit that this account has", "have the limit raised (ulimit -f)"),
    errno.EROFS: ("the disk may be read and not written", "have it mounted for writing, or name another folder"),
    errno.EACCES: ("this account may not read or write there", "give it leave"),
    errno.EPERM: ("this account may not do that there", "give it leave"),
    errno.EMFILE: ("too many files are open", "have the limit raised (ulimit -n)"),
    errno.EIO: ("the disk fails", "have it looked at"),
    errno.ENAMETOOLONG: ("the name is too long", "name another place"),
}  # fmt: skip
_SYSTEM_ERROR_IN_WORDS = re.compile(r"os error (\d+)")  # how Polars says the number
_NO_TEMPORARY_FOLDER = "No usable temporary directory"
_NO_ROOM = ("disk is full", "no space left", "disk full")
_READ_ONLY = ("readonly database", "read-only")


def refusal_of_the_system(error: BaseException) -> Refusal | None:
    """Return in a sentence what the operating system or a database refused, or None for an error of another kind."""
    return next(filter(None, map(_in_words, _with_causes(error))), None)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it, as far as a traceback would say it."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _in_words(error: BaseException) -> Refusal | None:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return refuse(
            "a name or an argument is no UTF-8",
            where="names of files and folders",
            rule="names are text",
            do="rename the file or folder, and run the same again",
        )
    if isinstance(error, OSError):
        return _of_system(error)
    # Neither is imported for its errors alone: where it is not loaded, it has raised none.
    databases = sys.modules.get("sqlalchemy.exc")
    if databases is not None and isinstance(error, databases.DBAPIError):
        return _of_database(str(error.orig))
    polars = sys.modules.get("polars.exceptions")
    said = _SYSTEM_ERROR_IN_WORDS.search(str(error))
    if polars is not None and isinstance(error, polars.PolarsError) and said:
        return _of_system(OSError(int(said[1]), os.strerror(int(said[1]))))
    return None


def _of_system(error: OSError) -> Refusal:
    if _NO_TEMPORARY_FOLDER in str(error):
        return refuse(
            "no temporary folder can be written",
            where="temporary folder",
            rule=_RULE,
            do=f"make room in it, or name another one in TMPDIR, {_AGAIN}",
        )
    said = _SYSTEM_ERROR_IN_WORDS.search(str(error))
    number = error.errno or (int(said[1]) if said else None)
    other = error.strerror or (os.strerror(number) if number else type(error).__name__)
    what, do = _CAUSES.get(number or 0, (f"the system refuses it: {other}", "look at what it names"))
    where = error.filename2 or error.filename
    named = os.fsdecode(where) if isinstance(where, str | bytes) else "a file, the output or the network"
    return refuse(what, where=named, rule=_RULE, do=f"{do}, {_AGAIN}")


def _of_database(said: str) -> Refusal:
    """Word what a driver said by its kind alone: its own text may quote a row, an address or a password."""
    said = said.lower()
    if any(words in said for words in _NO_ROOM):
        what, do = "there is no room left on the disk of a database", "make room there"
    elif any(words in said for words in _READ_ONLY):
        what, do = (
            "a database may be read and not written",
            "give this account leave to write its file or tables",
        )
    elif "locked" in said:
        what, do = "another process has held a database for too long", "wait for that process to end"
    else:
        what = "a database stopped, cannot be reached or refuses what it was asked"
        do = "look at its server, its file and the space on its disk"
    return refuse(what, where="databases", rule=_RULE, do=f"{do}, {_AGAIN}")
