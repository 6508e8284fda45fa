"""Judge published tables: ``python -m judge --policy FILE --catalogue FOLDER indicators.csv ...``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from judge.holdings import Reader
from judge.judgement import SECONDS, Judgement, Left, judge

parser = argparse.ArgumentParser(prog="python -m judge", description=__doc__)
parser.add_argument(
    "tables", nargs="+", type=Path, help="indicators.csv of published reports, all by one policy"
)
parser.add_argument("--catalogue", type=Path, required=True, help="the folder of the catalogue")
parser.add_argument("--policy", type=Path, required=True, help="the YAML of the policy")
parser.add_argument(
    "--empty", nargs="*", default=[], help="fields that are empty in some row, as DATASET.FIELD"
)
parser.add_argument("--known", nargs="*", default=[], help="counts known from elsewhere, as NAME=COUNT")
parser.add_argument("--seconds", type=float, default=SECONDS, help="for one question to the solver")


def words(left: Left) -> str:
    """Say what is left of a count."""
    return f"{left.name}: {left.least} to {left.greatest}, where {left.wanted} values were to be left"


def told(judgement: Judgement) -> str:
    """Say what was found."""
    asked = f"{judgement.hidden} hidden counts and {judgement.following} that follow"
    found = [
        f"{asked}: {len(judgement.exposed)} are left too few values, {len(judgement.undecided)} undecided",
        *map(words, judgement.exposed),
        *(f"{name}: undecided" for name in judgement.undecided),
        *(f"{dataset}: no table has all that was published" for dataset in judgement.contradictory),
    ]
    return "\n".join(found)


if __name__ == "__main__":
    given = parser.parse_args()
    known = {name: int(count) for name, _, count in (each.rpartition("=") for each in given.known)}
    judgement = judge(
        Reader(given.tables, given.catalogue, given.policy, given.empty, known), seconds=given.seconds
    )
    sys.stdout.write(f"{told(judgement)}\n")
    sys.exit(not judgement.passed)
