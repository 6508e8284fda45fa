"""One million score intervals for a ratio of two proportions."""

from __future__ import annotations

import time

import numpy as np

from disparity.proportions import risk_ratio

random = np.random.default_rng(1)
n_1, n_2 = random.integers(1, 3000, (2, 1_000_000))
started = time.perf_counter()
risk_ratio(random.integers(0, n_1 + 1), n_1, random.integers(0, n_2 + 1), n_2)
print(f"1,000,000 ratios with interval and p in {time.perf_counter() - started:.1f} s")
