"""On releases of organisations drawn at random the judge and the audit agree, whether they are well protected or badly.

``JUDGED_RELEASES`` is how many, 60 where it is not set; `make prove` asks for 200.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from judge.holdings import Reader
from judge.judgement import judge
from judging.drawn import drawn
from judging.small_organisation import audited, policy_of

RELEASES = int(os.environ.get("JUDGED_RELEASES", "60"))
_PARTS = 6


@pytest.mark.long
@pytest.mark.parametrize("part", range(_PARTS))
def test_judge_and_audit_agree(part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    otherwise, tally, started = list[str](), Counter[str](), time.monotonic()
    for seed in range(part, RELEASES, _PARTS):
        protected = seed % 2 == 0
        organisation = drawn(seed, tmp_path / str(seed), protected=protected)
        judged = judge(
            Reader([organisation.table], organisation.catalogue, policy_of(organisation.catalogue))
        )
        found = audited(organisation.catalogue, tmp_path / str(seed), organisation.table.parent)
        assert not judged.contradictory, seed
        for left in judged.exposed:
            assert left.least is None or left.least <= organisation.true_count(left.name), (seed, left.name)
            assert left.greatest is None or left.greatest >= organisation.true_count(left.name), (
                seed,
                left.name,
            )
        tally += Counter(
            releases=1, hidden=judged.hidden, following=judged.following, exposed=len(judged.exposed),
            undecided=len(judged.undecided), given_away=bool(judged.exposed), unproved=len(found["unproved"]),
        )  # fmt: skip
        passed = found["nobody_can_be_recovered"]
        if not judged.undecided and not found["unproved"] and judged.passed != passed:
            kind = "protected" if protected else "badly protected"
            otherwise.append(
                f"release {seed}, {kind}: judge {judged.passed}, audit {passed}, {judged.exposed[:2]}"
            )
    with capsys.disabled():
        sys.stdout.write(
            f"\n{tally['releases']} releases, {tally['hidden']:,} hidden counts and {tally['following']:,} that follow: "
            f"{tally['exposed']:,} in {tally['given_away']} releases are left too few values, "
            f"{tally['undecided']} are undecided, {tally['unproved']} by the audit; "
            f"{len(otherwise)} releases judged otherwise than by the audit; {time.monotonic() - started:.0f} s\n"
        )
    assert not otherwise, "\n".join(otherwise)
