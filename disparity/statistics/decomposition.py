"""Where a disparity comes from: the stages of a funnel, and the mix of categories against the rates within."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from disparity.statistics.arguments import Floats, as_floats, checked, checked_share, critical_value
from disparity.statistics.comparison import Comparison, Interval, Numbers
from disparity.statistics.proportions import risk_difference, risk_ratio


class Funnel(NamedTuple):
    """How much each stage of a funnel adds to the ratio of two groups from its base to its end.

    ``stages`` compares the rates of passing each stage, among those who reached it; ``log_ratio`` is the
    logarithm of each stage's ratio and ``log_interval`` its limits; ``share`` is the part of the whole
    logarithm. These have one position for each step between stages on the last axis. ``whole`` compares the
    end with the base, without that axis.
    """

    stages: Comparison
    log_ratio: Numbers
    log_interval: Interval
    share: Numbers
    whole: Comparison


class Kitagawa(NamedTuple):
    """The difference of two crude rates, and its split into what mix and what rates make of it.

    ``mix`` and ``rate`` add up to ``difference``; ``mix_parts`` and ``rate_parts`` hold what each category (the
    last axis) adds to either.
    """

    crude_1: Numbers
    crude_2: Numbers
    difference: Numbers
    mix: Numbers
    rate: Numbers
    mix_parts: Numbers
    rate_parts: Numbers


class KitagawaCounts(NamedTuple):
    """The split of `kitagawa` from counts, with intervals, and the comparison of the crude rates it splits."""

    split: Kitagawa
    mix_interval: Interval
    rate_interval: Interval
    crude: Comparison


def funnel(events_1: ArrayLike, events_2: ArrayLike, *, level: float = 0.95) -> Funnel:
    """Split the ratio of two groups' rates from a base to an end into the stages between.

    The last axis holds how many reached each stage, base first, never more than reached the one before, at
    least two stages; leading axes broadcast. The ratio of each step is of the rates among those who reached
    it, with the interval and p of `risk_ratio`; the ratios multiply, so their logarithms add up to that of the
    whole. Intervals are for one step at a time. Swapping the groups negates the logarithms and leaves the
    shares. Raises ValueError naming the argument.

    A share is NaN where the whole ratio is 1, or where a group's count is 0 at any stage: no share of nothing,
    or of infinity, is a number. Near 1, shares are large and of both signs: read the logarithms then. A step
    that nobody of a group reached has ratio NaN within 0 to infinity and p = 1.

    Examples
    --------
    >>> found = funnel([200, 100, 40], [100, 30, 10])
    >>> [round(float(each), 2) for each in found.stages.estimate]
    [1.67, 1.2]
    """
    critical_value(level)
    x1, x2 = np.broadcast_arrays(_stages("events_1", events_1), _stages("events_2", events_2))
    stages = _passing(x1[..., 1:], x1[..., :-1], x2[..., 1:], x2[..., :-1], level)
    whole = _passing(x1[..., -1], x1[..., 0], x2[..., -1], x2[..., 0], level)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(stages.estimate)
        log_interval = Interval(np.log(stages.low), np.log(stages.high))
        total = np.where(np.all((x1 > 0) & (x2 > 0), axis=-1), log_ratio.sum(axis=-1), np.nan)
        equal = x1[..., -1] * x2[..., 0] == x2[..., -1] * x1[..., 0]
        share = log_ratio / np.where(equal, np.nan, total)[..., None]
    return Funnel(stages, log_ratio, log_interval, share, whole)


def kitagawa(size_1: ArrayLike, rate_1: ArrayLike, size_2: ArrayLike, rate_2: ArrayLike) -> Kitagawa:
    """Split the difference of two crude rates into mix and rate, category by category (the last axis).

    ``size`` is how many of the group (or what part of it, in any unit) are in each category, at least 0 and
    above 0 in all; ``rate`` any finite number for the category, in any unit, and may be NaN where the size is
    0. Arguments broadcast. ``mix`` is what the different sizes add, at the mean of both groups' rates;
    ``rate`` what the different rates add, at the mean of both groups' shares; both are group 1 less group 2,
    swapping the groups negates them, and they add up to the difference.

    A category with nobody in one group has no rate there. It takes the other group's, so that all it adds is
    mix: being in the category or not is what differs, and a rate that was never seen is not made up. Raises
    ValueError naming the argument. Kitagawa (1955), J Am Stat Assoc 50, 1168-1194.

    Examples
    --------
    >>> found = kitagawa([60, 40], [0.1, 0.2], [30, 70], [0.1, 0.2])
    >>> round(float(found.mix), 3), round(float(found.rate), 3)
    (-0.03, 0.0)
    """
    n1, r1 = _categories("size_1", size_1, "rate_1", rate_1)
    n2, r2 = _categories("size_2", size_2, "rate_2", rate_2)
    return _split(*_shared(n1, r1, n2, r2))


def kitagawa_counts(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, level: float = 0.95
) -> KitagawaCounts:
    """Split the difference of two crude rates as `kitagawa` does, from counts, with intervals.

    ``events`` of ``n`` people in each category (the last axis), broadcast; 0 <= events <= n; n may be 0 in a
    category, not in all. Categories with nobody in a group are treated as there.

    The intervals are the estimate and so many standard errors to either side, within -1 to 1, by the delta
    method: events binomial in each category, and the sizes of the categories multinomial in each group, for
    both could have come out otherwise. The variance of a rate is taken at one event and one non-event more
    than seen, so that 0 of 5 is not taken for certain; Agresti and Caffo (2000), Am Stat 54, 280-288, do so
    for two rates. With few people they are on the wide side; a category so small that a group is absent by
    chance makes the split jump, and no interval here knows. The crude rates are compared by `risk_difference`,
    whose interval is not the sum of the two. Raises ValueError naming the argument.

    Examples
    --------
    >>> found = kitagawa_counts([6, 8], [60, 40], [3, 14], [30, 70])
    >>> round(float(found.split.difference), 3)
    -0.03
    """
    z = critical_value(level)
    x1, n1 = checked_share(events_1, n_1, "_1", least=0.0)
    x2, n2 = checked_share(events_2, n_2, "_2", least=0.0)
    x1, n1, x2, n2 = np.broadcast_arrays(*np.atleast_1d(x1, n1, x2, n2))
    for name, size in (("n_1", n1), ("n_2", n2)):
        _require_somebody(name, size)
    with np.errstate(invalid="ignore"):
        shares = _shared(n1, x1 / n1, n2, x2 / n2)
    split = _split(*shares)
    mix_variance, rate_variance = _split_variances((x1, n1), (x2, n2), *shares)
    crude = risk_difference(*(count.sum(axis=-1) for count in (x1, n1, x2, n2)), level=level)
    return KitagawaCounts(
        split, _around(split.mix, z, mix_variance), _around(split.rate, z, rate_variance), crude
    )


def _stages(name: str, events: ArrayLike) -> Floats:
    counts = checked(name, events)
    if counts.ndim == 0 or counts.shape[-1] < 2:
        raise ValueError(f"{name} must hold at least two stages on its last axis")
    rising = np.count_nonzero(np.diff(counts, axis=-1) > 0)
    if rising:
        raise ValueError(f"{name} must not rise from one stage to the next; it does at {rising}")
    return counts


def _passing(x1: Floats, n1: Floats, x2: Floats, n2: Floats, level: float) -> Comparison:
    """Compare the rates, also where nobody of a group reached the stage."""
    reached = (n1 > 0) & (n2 > 0)
    counts = (np.where(reached, count, 0.0) for count in (x1, x2))
    bases = (np.where(reached, base, 1.0) for base in (n1, n2))
    (x1, x2), (n1, n2) = counts, bases
    return risk_ratio(x1, n1, x2, n2, level=level)


def _categories(size_name: str, size: ArrayLike, rate_name: str, rate: ArrayLike) -> tuple[Floats, Floats]:
    sizes = np.atleast_1d(checked(size_name, size))
    sizes, rates = np.broadcast_arrays(sizes, as_floats(rate_name, rate))
    _require_somebody(size_name, sizes)
    wrong = np.count_nonzero(~np.isfinite(rates) & (sizes > 0))
    if wrong:
        raise ValueError(f"{rate_name} must be finite wherever {size_name} is above 0; {wrong} are not")
    return sizes, rates


def _require_somebody(name: str, sizes: Floats) -> None:
    if np.any(sizes.sum(axis=-1) == 0):
        raise ValueError(f"{name} must be above 0 in at least one category")


def _shared(n1: Floats, r1: Floats, n2: Floats, r2: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Shares and rates of each category, a rate of nobody being the other group's, or 0 where both are empty."""
    n1, r1, n2, r2 = np.broadcast_arrays(n1, r1, n2, r2)
    r1, r2 = np.where(n1 > 0, r1, np.where(n2 > 0, r2, 0.0)), np.where(n2 > 0, r2, np.where(n1 > 0, r1, 0.0))
    return n1 / n1.sum(axis=-1, keepdims=True), r1, n2 / n2.sum(axis=-1, keepdims=True), r2


def _split(s1: Floats, r1: Floats, s2: Floats, r2: Floats) -> Kitagawa:
    mix, rate = (s1 - s2) * ((r1 + r2) / 2.0), (r1 - r2) * ((s1 + s2) / 2.0)
    crude_1, crude_2 = np.asarray((s1 * r1).sum(axis=-1))[()], np.asarray((s2 * r2).sum(axis=-1))[()]
    whole_mix, whole_rate = np.asarray(mix.sum(axis=-1))[()], np.asarray(rate.sum(axis=-1))[()]
    return Kitagawa(crude_1, crude_2, crude_1 - crude_2, whole_mix, whole_rate, mix, rate)


def _split_variances(
    group_1: tuple[Floats, Floats],
    group_2: tuple[Floats, Floats],
    s1: Floats,
    r1: Floats,
    s2: Floats,
    r2: Floats,
) -> tuple[Floats, Floats]:
    """Variances of the mix part and of the rate part."""
    both = (group_1[1] > 0) & (group_2[1] > 0)
    # A rate that stands for both groups carries the whole of the mix, one of two carries half.
    slope_of_mix = np.where(both, (s1 - s2) / 2.0, s1 - s2)
    slope_of_rate = np.where(both, (s1 + s2) / 2.0, 0.0)
    of_rates = _rate_variance(*group_1) + _rate_variance(*group_2)
    middle, half_gap = (r1 + r2) / 2.0, (r1 - r2) / 2.0
    mix, rate = (slope_of_mix**2 * of_rates).sum(axis=-1), (slope_of_rate**2 * of_rates).sum(axis=-1)
    for (_, size), share in ((group_1, s1), (group_2, s2)):
        people = size.sum(axis=-1)
        mix = mix + _spread(share, middle) / people
        rate = rate + _spread(share, half_gap) / people
    return mix, rate


def _rate_variance(events: Floats, n: Floats) -> Floats:
    likely = (events + 1.0) / (n + 2.0)
    return np.divide(likely * (1.0 - likely), n, out=np.zeros_like(likely), where=n > 0)


def _spread(share: Floats, value: Floats) -> Floats:
    """Variance of ``value`` over people of whom ``share`` are in each category."""
    mean = (share * value).sum(axis=-1, keepdims=True)
    return np.asarray((share * (value - mean) ** 2).sum(axis=-1))


def _around(estimate: Numbers, z: float, variance: Floats) -> Interval:
    reach = z * np.sqrt(variance)
    return Interval(np.maximum(estimate - reach, -1.0)[()], np.minimum(estimate + reach, 1.0)[()])
