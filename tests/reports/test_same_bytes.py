"""The same release gives the same bytes of every file, whatever a process made before and wherever it runs."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import pytest

from assets.releasing import render
from disparity.catalogue import Catalogue
from reports.charts.drawing import charts_of, comparisons_chart, indicator_chart, stages_chart
from reports.release.frozen import Release, to_json
from reports.wording.release_view import Told

NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig/>'
# A process on a machine where HarfBuzz's library for subsets is not installed.
ELSEWHERE = """
import cffi, hashlib, json, pickle, sys
found = cffi.FFI.dlopen
def without_subsets(self, name, flags=0):
    if "subset" in name:
        raise OSError(name)
    return found(self, name, flags)
cffi.FFI.dlopen = without_subsets
from types import SimpleNamespace
from assets.releasing import render
from reports.release.frozen import from_json
frozen, catalogue = pickle.loads(sys.stdin.buffer.read())
files = render(SimpleNamespace(catalogue=catalogue), from_json(frozen))
from weasyprint.text.ffi import harfbuzz_subset
assert harfbuzz_subset is None
print(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in files.items()}))
"""


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


@pytest.fixture(scope="module")
def first(release: Release, catalogue: Catalogue) -> dict[str, str]:
    return hashes(render(SimpleNamespace(catalogue=catalogue), release))


def test_every_file_is_the_same_after_another_release_was_made(first, release, catalogue):
    workplace = SimpleNamespace(catalogue=catalogue)
    organisation = release.organisation.model_copy(update={"name": "Ж Trust ∑ ✔"})
    other = replace(release, audience="published", organisation=organisation, history=release.history[:0])
    assert hashes(render(workplace, other)) != first
    assert hashes(render(workplace, release)) == first


def test_charts_are_the_same_drawn_in_another_order(first, release, catalogue):
    told = Told(release, catalogue)
    drawn = [each for name in reversed(catalogue.indicators) for each in (
        stages_chart(name, told), indicator_chart(name, told),
    ) if each]  # fmt: skip
    drawn.append(comparisons_chart(told))
    assert sorted(each.name for each in drawn) == sorted(charts_of(release, catalogue))
    again = {f"{each.name}.{kind}": getattr(each, kind) for each in drawn for kind in ("svg", "png")}
    assert hashes(again).items() <= first.items()


def test_charts_take_nothing_from_what_was_set_before(release, catalogue):
    told = Told(release, catalogue)
    before = indicator_chart("appointed", told)
    with mpl.rc_context({"figure.facecolor": "yellow", "lines.antialiased": False, "savefig.bbox": "tight"}):
        assert indicator_chart("appointed", told) == before


@pytest.mark.long
def test_every_file_is_the_same_in_a_fresh_process_of_a_machine_with_less(
    first, release, catalogue, tmp_path
):
    (tmp_path / "fonts.conf").write_text(NO_FONTS)
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: yellow\nlines.antialiased: False\n")
    settings = {
        "PYTHONHASHSEED": "11",
        "TZ": "Asia/Kathmandu",
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
    }
    made = subprocess.run(
        [sys.executable, "-W", "error:No fonts configured", "-c", ELSEWHERE],
        input=pickle.dumps((to_json(release), catalogue)),
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env=os.environ | settings,
    )
    assert made.returncode == 0, made.stderr.decode()
    assert json.loads(made.stdout) == first
