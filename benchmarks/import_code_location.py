"""How long Dagster waits for the code location to import. Promised: under 4 s, without Great Expectations."""

from __future__ import annotations

import sys
import time

started = time.perf_counter()
from pipelines.definitions import defs  # noqa: E402

imported = time.perf_counter() - started
defs()
built = time.perf_counter() - started
heavy = [name for name in ("great_expectations", "matplotlib", "scipy.stats") if name in sys.modules]
print(
    f"imported in {imported:.2f} s, definitions built after {built:.2f} s; heavy libraries loaded: {heavy or 'none'}"
)
