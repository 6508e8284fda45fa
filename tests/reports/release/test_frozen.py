from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from reports.release.analyses import canonical_analyses
from reports.release.estimates import canonical
from reports.release.frozen import content_hash, from_json, to_json


def test_a_release_comes_back_exactly(release):
    back = from_json(to_json(release))
    assert back.organisation == release.organisation
    assert (back.audience, back.quarter, back.datasets) == ("restricted", release.quarter, release.datasets)
    assert (back.quality_notes, back.provenance) == (release.quality_notes, release.provenance)
    pd.testing.assert_frame_equal(back.estimates, canonical(release.estimates))
    pd.testing.assert_frame_equal(back.history, canonical(release.history))
    pd.testing.assert_frame_equal(back.analyses, canonical_analyses(release.analyses))


def test_freezing_twice_gives_the_same_bytes(release):
    assert to_json(from_json(to_json(release))) == to_json(release)
    assert content_hash(from_json(to_json(release))) == content_hash(release)


def test_any_change_changes_the_hash(release):
    changed = release.estimates.copy()
    changed.loc[2, "ratio"] = changed.loc[2, "ratio"] + 1e-12
    assert content_hash(replace(release, estimates=changed)) != content_hash(release)


def test_what_json_lacks_is_kept(release, frame, told):
    endless = replace(told["appointed"], ratio_high=float("inf"), ratio=None)
    frozen = replace(release, estimates=frame([endless]))
    (row,) = json.loads(to_json(frozen))["estimates"]
    assert (row["ratio_high"], row["ratio"]) == ("inf", None)
    back = from_json(to_json(frozen)).estimates
    assert back["ratio_high"].tolist() == [float("inf")]
    assert back["ratio"].isna().all()


def test_a_release_without_rows_can_be_frozen(release):
    empty = replace(
        release, estimates=release.estimates[:0], analyses=release.analyses[:0], history=release.history[:0]
    )
    assert to_json(from_json(to_json(empty))) == to_json(empty)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"{", b'{"organisation": {}}'])
def test_something_else_is_refused(content):
    with pytest.raises(ValueError, match=r"."):
        from_json(content)
