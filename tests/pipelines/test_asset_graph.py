"""The asset graph and its checks as they stand in asset_graph.txt: a change of either is seen in a review.

Where a change is meant: ``python tests/pipelines/test_asset_graph.py > tests/pipelines/asset_graph.txt``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.definitions import assets_of
from resources.catalogue import DEFAULT, load_catalogue

SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def lines() -> Iterator[str]:
    for definition in assets_of(load_catalogue(DEFAULT)):
        checks = {spec.asset_key: [] for spec in definition.check_specs}
        for spec in definition.check_specs:
            checks[spec.asset_key].append(f"{spec.name}{' (blocking)' if spec.blocking else ''}")
        for spec in definition.specs:
            yield spec.key.to_user_string()
            yield from sorted(f"  from {each.asset_key.to_user_string()}" for each in spec.deps)
            yield from sorted(f"  check {each}" for each in checks.get(spec.key, ()))


def test_assets_their_order_and_checks_are_those_known() -> None:
    assert "\n".join(lines()) + "\n" == SNAPSHOT.read_text(encoding="utf-8")


def test_every_asset_says_its_stage_and_who_may_read_it() -> None:
    specs = [spec for each in assets_of(load_catalogue(DEFAULT)) for spec in each.specs]
    assert all({"stage", "readers"} <= spec.tags.keys() for spec in specs)
    described = {spec.tags["stage"] for spec in specs if "dagster/column_schema" in spec.metadata}
    assert described == {"records", "estimates"}


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
