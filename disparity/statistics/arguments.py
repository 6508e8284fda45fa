"""Arguments: what a function of this package takes, checked and named in the error, which shows no value."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats: TypeAlias = NDArray[np.float64]

LARGEST_COUNT = 10**9
"""Largest count worked with in integers: five times a product of two still fits in 64 bits."""


def as_floats(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as floats. Raises ValueError naming the argument, never showing a value."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers") from None


def checked(name: str, values: ArrayLike, *, least: float = 0.0) -> Floats:
    """Return ``values`` as floats, all finite and at least ``least``.

    Raises ValueError naming the argument, and how many positions are wrong, never their values.
    """
    numbers = as_floats(name, values)
    wrong = np.count_nonzero(~(np.isfinite(numbers) & (numbers >= least)))
    if wrong:
        raise ValueError(f"{name} must be finite and at least {least:g}; {wrong} of {numbers.size} are not")
    return numbers


def checked_share(
    events: ArrayLike, n: ArrayLike, suffix: str = "", *, prefix: str = "", least: float = 1.0
) -> tuple[Floats, Floats]:
    """Return events and base as floats with 0 <= events <= n and n at least ``least``, broadcast together.

    Raises ValueError naming ``events`` or ``n`` with the prefix and suffix of the caller's argument.
    """
    events_name, n_name = f"{prefix}events{suffix}", f"{prefix}n{suffix}"
    x, base = np.broadcast_arrays(checked(events_name, events), checked(n_name, n, least=least))
    over = np.count_nonzero(x > base)
    if over:
        raise ValueError(f"{events_name} must not be above {n_name}; {over} of {x.size} are")
    return x, base


def checked_whole(name: str, values: ArrayLike, *, least: float = 0.0, most: float = np.inf) -> Floats:
    """Return ``values`` as floats, all whole numbers, at least ``least`` and at most ``most``.

    Raises ValueError naming the argument, and how many positions are wrong, never their values.
    """
    numbers = checked(name, values, least=least)
    wrong = np.count_nonzero((numbers != np.floor(numbers)) | (numbers > most))
    if wrong:
        limit = f" up to {most}" if most < np.inf else ""
        raise ValueError(f"{name} must be whole numbers{limit}; {wrong} of {numbers.size} are not")
    return numbers


def checked_whole_share(
    events: ArrayLike, n: ArrayLike, suffix: str = "", *, prefix: str = "", least: float = 1.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what `checked_share` does as whole numbers up to `LARGEST_COUNT`. Raises ValueError as it does."""
    x, base = checked_share(events, n, suffix, prefix=prefix, least=least)
    return checked_count(f"{prefix}events{suffix}", x), checked_count(f"{prefix}n{suffix}", base)


def checked_count(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Return ``values`` as whole numbers from 0 to `LARGEST_COUNT`. Raises ValueError as `checked_whole`."""
    return checked_whole(name, values, most=LARGEST_COUNT).astype(np.int64)


def critical_value(level: float) -> float:
    """Return the standard normal deviate of a two-sided interval at ``level`` (between 0 and 1)."""
    if not 0.0 < level < 1.0:
        raise ValueError("level must be between 0 and 1")
    return -float(ndtri((1.0 - level) / 2.0))


def finite(name: str, values: ArrayLike) -> Floats:
    """Return ``values`` as floats, all finite. Raises ValueError naming the argument."""
    numbers = as_floats(name, values)
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite")
    return numbers


def whole_quarters(name: str, times: ArrayLike) -> Floats:
    """Return times as whole numbers of quarters, in floats. Raises ValueError naming the argument."""
    numbers = finite(name, times)
    if np.any(numbers != np.floor(numbers)):
        raise ValueError(f"{name} must be whole numbers of quarters")
    return numbers
