"""What people of unknown ethnicity could do to a comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from disparity.proportions import Interval, checked_share


def ratio_bounds(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> Interval:
    """Return the ratio of rates if all the unknown were in group 1 and if all were in group 2, lower first.

    ``unknown_events`` of ``unknown_n`` people (0 allowed) stand outside both groups; arguments broadcast.
    Every person moves together: these are two plain scenarios, not the extremes of every way to divide the
    unknown. Infinite where group 2 then has no events; both NaN where no group has any. Raises ValueError
    naming the argument. After the worst-case bounds of Manski (1989), J Hum Resour 24, 343-360.
    """
    x1, n1 = checked_share(events_1, n_1, "_1")
    x2, n2 = checked_share(events_2, n_2, "_2")
    x0, n0 = checked_share(unknown_events, unknown_n, prefix="unknown_", least=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        all_in_1 = (x1 + x0) / (n1 + n0) / (x2 / n2)
        all_in_2 = (x1 / n1) / ((x2 + x0) / (n2 + n0))
    low, high = np.minimum(all_in_1, all_in_2), np.maximum(all_in_1, all_in_2)
    return Interval(np.asarray(low)[()], np.asarray(high)[()])
