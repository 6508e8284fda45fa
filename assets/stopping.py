"""Stopping: what a person can mend ends a step with its sentence alone, and is never tried again by itself.

So does what the system or a database refuses: a full disk is no fault of the program. A step imports what words it then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

import dagster as dg

from disparity.refusal import Refusal

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def stop(sentence: str) -> dg.Failure:
    """Return what ends a step with a sentence for people; retrying would bring the same."""
    return dg.Failure(sentence, allow_retries=False)


def stops_in_words(
    make: Callable[_Given, Iterator[_Made]],
) -> Callable[_Given, Iterator[_Made]]:
    """Let an asset that refuses, or is refused, end its step with a sentence, where Dagster shows it first."""

    @wraps(make)
    def making(*args: _Given.args, **kwargs: _Given.kwargs) -> Iterator[_Made]:
        try:
            yield from make(*args, **kwargs)
        except Refusal as refusal:
            raise stop(str(refusal)) from None
        except dg.Failure:
            raise
        except Exception as error:
            from resources.system_errors import refusal_of_the_system

            refused = refusal_of_the_system(error)
            if refused is None:
                raise
            raise stop(str(refused)) from None

    return making
