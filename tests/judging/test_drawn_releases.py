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
SECONDS_OF_A_DATASET = 60.0
"""The judge asks no further question about a dataset after these: what is left is undecided, and named."""
RARE = 50
"""At most one release in so many may be undecided."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(_PARTS))
def test_judge_and_audit_agree(part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    otherwise, undecided, tally, started = list[str](), list[str](), Counter[str](), time.process_time()
    slowest, slowest_seed = 0.0, part
    for seed in range(part, RELEASES, _PARTS):
        began = time.process_time()
        protected = seed % 2 == 0
        organisation = drawn(seed, tmp_path / str(seed), protected=protected)
        judged = judge(
            Reader([organisation.table], organisation.catalogue, policy_of(organisation.catalogue)),
            of_a_dataset=SECONDS_OF_A_DATASET,
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
            given_away=bool(judged.exposed),
        )  # fmt: skip
        passed = found["nobody_can_be_recovered"]
        if judged.undecided or found["unproved"]:
            undecided.append(
                f"release {seed}: {len(judged.undecided)} by the judge, {len(found['unproved'])} by the audit"
            )
        elif judged.passed != passed:
            kind = "protected" if protected else "badly protected"
            otherwise.append(
                f"release {seed}, {kind}: judge {judged.passed}, audit {passed}, {judged.exposed[:2]}"
            )
        slowest, slowest_seed = max((slowest, slowest_seed), (time.process_time() - began, seed))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{tally['releases']} releases, {tally['hidden']:,} hidden counts and {tally['following']:,} that follow: "
            f"{tally['exposed']:,} in {tally['given_away']} releases are left too few values; "
            f"{len(undecided)} releases undecided, {len(otherwise)} judged otherwise than by the audit; "
            f"{time.process_time() - started:.0f} s of a processor, "
            f"at most {slowest:.1f} s for one (release {slowest_seed})\n"
        )
        sys.stdout.writelines(f"  undecided: {each}\n" for each in undecided)
    assert not otherwise, "\n".join(otherwise)
    assert RARE * len(undecided) <= max(RELEASES, RARE), undecided
