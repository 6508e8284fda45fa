"""The sample generator: extracts of invented organisations with known disparities planted in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from disparity.refusal import refuse
from pipelines.sample import extracts

__all__ = ["write_sample"]

_Wanted = ParamSpec("_Wanted")


def _refusing(
    write: Callable[Concatenate[Path, _Wanted], Path],
) -> Callable[Concatenate[Path, _Wanted], Path]:
    @wraps(write)
    def refusing(out: Path, /, *args: _Wanted.args, **kwargs: _Wanted.kwargs) -> Path:
        try:
            return write(out, *args, **kwargs)
        except OSError as error:
            raise refuse(
                f"the sample cannot be written ({error.strerror})",
                where=str(out),
                rule="a sample is written to a folder that belongs to who asks for it",
                do="make room there or give yourself the right to write, or name another folder with --out",
            ) from None

    return refusing


write_sample = _refusing(extracts.write_sample)
