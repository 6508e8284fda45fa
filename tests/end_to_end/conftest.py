"""A catalogue of few indicators over single quarters, so that a run of bad input takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

FEW = (
    "ethnic_minority_share_of_staff",
    "appointed_from_shortlisting",
    "non_mandatory_training",
    "leavers_per_100_staff",
    "would_recommend",
)


@pytest.fixture(scope="session")
def few_indicators(catalogue_from: Callable[[Path, str], Path]) -> Callable[..., Path]:
    """Copy the default catalogue with a few indicators, no breakdowns and no expectations."""

    def copied(folder: Path, first_quarter: str, *, quarters: int = 1, names: tuple[str, ...] = FEW) -> Path:
        catalogue = catalogue_from(folder, first_quarter)
        everything = yaml.safe_load((catalogue / "indicators.yaml").read_text(encoding="utf-8"))
        few = {name: everything[name] | {"quarters": quarters, "breakdowns": []} for name in names}
        (catalogue / "indicators.yaml").write_text(yaml.safe_dump(few, sort_keys=False), encoding="utf-8")
        (catalogue / "expectations.yaml").write_text("{}\n", encoding="utf-8")
        # These name indicators that are gone.
        shutil.rmtree(catalogue / "commentary")
        (catalogue / "targets.yaml").unlink()
        return catalogue

    return copied


@pytest.fixture(scope="session")
def quarter_alone(few_indicators: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that catalogue and the extracts of one quarter: tests copy it before they spoil anything."""
    from pipelines.sample import write_sample

    folder = tmp_path_factory.mktemp("quarter_alone")
    few_indicators(folder / "catalogue", "2026-07-01")
    write_sample(folder / "landing", quarters=1, staff=600)
    return folder


@pytest.fixture
def place(quarter_alone: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to be spoilt."""
    shutil.copytree(quarter_alone, tmp_path / "place")
    return tmp_path / "place"
