"""The catalogue reader: every kind of mistake is pointed at by file, line and key, with the nearest right word."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from disparity.refusal import Refusal
from resources.catalogue import DEFAULT, catalogue_hash, load_catalogue
from resources.yaml_lines import read_yaml

Change = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the default catalogue, to make mistakes in."""
    return Path(shutil.copytree(DEFAULT, tmp_path / "catalogue"))


def mistakes_in(folder: Path) -> list[str]:
    with pytest.raises(Refusal) as refused:
        load_catalogue(folder)
    return [line.replace(f"{folder}/", "") for line in str(refused.value).splitlines()]


def changed(folder: Path, file: str, old: str, new: str) -> int:
    """Change the first place that reads ``old``; return the line it begins on."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# file, what stands there, what stands there now, how many lines on the mistake is, and what is said of it
MISTAKES = {
    "unknown key": (
        "organisation.yaml", "reject_limit_percent: 5", "reject_limit_procent: 5", 0,
        "reject_limit_procent: no such key; did you mean 'reject_limit_percent'?",
    ),
    "unknown key of an indicator": (
        "indicators.yaml", "  headline: true\n  wres: 1", "  headlines: true\n  wres: 1", 0,
        "ethnic_minority_share_of_staff.headlines: no such key; did you mean 'headline'?",
    ),
    "key of another kind of indicator": (
        "indicators.yaml", "  wres: 1\n", "  base_dataset: leavers\n", 0,
        "ethnic_minority_share_of_staff.base_dataset: no such key; did you mean 'dataset'?",
    ),
    "unknown key of a source": (
        "sources.yaml", "  skip_rows: 3", "  skip_row: 3", 0,
        "staff_in_post.skip_row: no such key; did you mean 'skip_rows'?",
    ),
    "bad literal": (
        "organisation.yaml", "comparison: wres", "comparison: wers", 0,
        "comparison: expected 'wres' or 'white_british'; did you mean 'wres'?",
    ),
    "bad literal in a list": (
        "organisation.yaml", "[staff_in_post, recruitment, leavers]", "[staff_in_post, recruitement, leavers]", 0,
        "required_datasets.1: expected 'staff_in_post', 'staff_survey', 'recruitment',",
    ),
    "unknown audience": (
        "organisation.yaml", "  published: threshold8_round5", "  publishd: threshold8_round5", 0,
        "audiences.publishd: expected 'restricted' or 'published'; did you mean 'published'?",
    ),
    "unknown kind": (
        "indicators.yaml", "  kind: share", "  kind: shares", -1,
        "ethnic_minority_share_of_staff: expected a kind among 'rows', 'mean', 'share', 'linked', 'coverage', 'rate'; "
        "did you mean 'share'?",
    ),
    "no kind": (
        "indicators.yaml", "  kind: share\n", "", -1,
        "ethnic_minority_share_of_staff: the key kind is needed and is not there; add it",
    ),
    "missing key": (
        "organisation.yaml", "short_name: Northmoor and Vale\n", "", None,
        "short_name: this key is needed and is not there; add it",
    ),
    "missing key of an indicator": (
        "indicators.yaml", "  base_words: staff in post\n", "", None,
        "ethnic_minority_share_of_staff.base_words: this key is needed and is not there; add it",
    ),
    "wrong kind of value": (
        "organisation.yaml", "reject_limit_percent: 5", "reject_limit_percent: five", 0,
        "reject_limit_percent: expected a number",
    ),
    "text that YAML reads as something else": (
        "survey.yaml", 'yes_no: ["Yes", "No"]', "yes_no: [Yes, No]", 0,
        "scales.yes_no.0: expected text; put quotes around it",
    ),
    "one where a list is meant": (
        "indicators.yaml", "breakdowns: [band, staff_type, staff_group, directorate]", "breakdowns: band", 0,
        "ethnic_minority_share_of_staff.breakdowns: expected a list",
    ),
    "a date that is none": (
        "organisation.yaml", "first_quarter: 2023-10-01", "first_quarter: last year", 0,
        "first_quarter: expected a date such as 2026-07-01",
    ),
    "a day no quarter starts on": (
        "organisation.yaml", "first_quarter: 2023-10-01", "first_quarter: 2023-11-01", 0,
        "first_quarter: a quarter starts on 1 January, 1 April, 1 July or 1 October",
    ),
    "a bad name": (
        "indicators.yaml", "ethnicity_not_known:", "Ethnicity not known:", 0,
        "Ethnicity not known: a name is lower-case letters, digits and _, beginning with a letter",
    ),
    "an indicator named like a kind": (
        "indicators.yaml", "ethnicity_not_known:\n  kind: share", "rate:\n  kind: share\n  base: x", 2,
        "rate.base: no such key",
    ),
    "twice the same key": (
        "organisation.yaml", "comparison: wres", "comparison: wres\ncomparison: wres", 1,
        "comparison: the key stands twice",
    ),
    "twice the same key, deeper": (
        "indicators.yaml", "  theme: workforce\n", "  theme: workforce\n  theme: workforce\n", 1,
        "ethnic_minority_share_of_staff.theme: the key stands twice",
    ),
    "predicate naming no column": (
        "indicators.yaml", "  part: senior_manager", "  part: senior_manger", 0,
        "ethnic_minority_share_of_senior_managers.part: in staff_in_post: no column 'senior_manger'; "
        "did you mean 'senior_manager'?",
    ),
    "predicate misspelling a value": (
        "indicators.yaml", "event: equal_opportunity = 'Yes'", "event: equal_opportunity = 'yes'", 0,
        "equal_opportunity.event: in staff_survey: 'yes' is not a value of equal_opportunity; did you mean 'Yes'?",
    ),
    "predicate using an aggregate": (
        "indicators.yaml", "  event: appointed\n", "  event: MAX(appointed)\n", 0,
        "appointed_from_shortlisting.event: in recruitment: 'MAX(appointed)' uses an aggregate",
    ),
    "predicate using IS TRUE": (
        "indicators.yaml", "  event: appointed\n", "  event: appointed IS TRUE\n", 0,
        "appointed_from_shortlisting.event: in recruitment: 'appointed IS TRUE' uses IS TRUE or IS FALSE",
    ),
    "unknown policy": (
        "organisation.yaml", "  published: threshold8_round5", "  published: threshold8", 0,
        "audiences.published: no policy 'threshold8'; did you mean 'threshold8_round5'?",
    ),
    "audience without a policy": (
        "organisation.yaml", "  published: threshold8_round5\n", "", None,
        "audiences: no policy for published",
    ),
    "unknown breakdown": (
        "indicators.yaml", "[band, staff_type, staff_group, directorate]", "[bnad, staff_type]", 0,
        "ethnic_minority_share_of_staff.breakdowns: staff_in_post has no column 'bnad'; did you mean 'band'?",
    ),
    "breakdown by a number": (
        "indicators.yaml", "[band, staff_type, staff_group, directorate]", "[fte]", 0,
        "ethnic_minority_share_of_staff.breakdowns: fte of staff_in_post is not divided into levels",
    ),
    "breakdown by ethnicity": (
        "indicators.yaml", "[band, staff_type, staff_group, directorate]", "[ethnic_code]", 0,
        "ethnic_minority_share_of_staff.breakdowns: ethnic_code of staff_in_post is not divided into levels",
    ),
    "a value that is no number": (
        "indicators.yaml", "  value: cost", "  value: training", 0,
        "training_spend_per_head.value: learning_budget has no number 'training'; it is one of cost",
    ),
    "a window by no date": (
        "indicators.yaml", "  window_by: completed_date", "  window_by: complete_date", 0,
        "shortlisted_from_applications.window_by: recruitment has no date 'complete_date'; "
        "did you mean 'completed_date'?",
    ),
    "linked to what was told in confidence": (
        "indicators.yaml", "  dataset: learning_budget\n  event: training = 'non_mandatory' AND completed",
        "  dataset: staff_survey\n  event: equal_opportunity = 'Yes'", 0,
        "non_mandatory_training.dataset: staff_survey was told in confidence and is never linked to a person",
    ),
    "linked to what names nobody": (
        "indicators.yaml", "  dataset: learning_budget\n  event: training = 'non_mandatory' AND completed",
        "  dataset: recruitment\n  event: appointed", 0,
        "non_mandatory_training.dataset: recruitment does not say which person; "
        "it is one of staff_in_post, learning_budget, leavers",
    ),
    "a part without words": (
        "indicators.yaml", "  part_words: senior managers\n", "", None,
        "ethnic_minority_share_of_senior_managers: part_words names what part or value picks out",
    ),
    "an agreement nobody recorded": (
        "indicators.yaml", "  needs_agreement: board", "  needs_agreement: bord", 0,
        "ethnic_minority_share_of_board.needs_agreement: organisation.yaml has no agreement 'bord'; did you mean 'board'?",
    ),
    "a source of no dataset": (
        "sources.yaml", "leavers:\n", "leaver:\n", 0, "leaver: no dataset 'leaver'; did you mean 'leavers'?",
    ),
    "a column mapped to nothing of ours": (
        "sources.yaml", "    person: Employee Number\n", "    persn: Employee Number\n", 0,
        "staff_in_post.columns.persn: staff_in_post has no column 'persn'; did you mean 'person'?",
    ),
    "a needed column not mapped": (
        "sources.yaml", "    band: Pay Scale\n", "", None,
        "staff_in_post.columns: staff_in_post needs the column band; map it to a heading",
    ),
    "a value mapped to none of ours": (
        "sources.yaml", "417 Surgery: Surgery", "417 Surgery: Surgry", 0,
        "staff_in_post.values.directorate.417 Surgery: 'Surgry' is not a value of directorate; did you mean 'Surgery'?",
    ),
    "a theme without words": (
        "house_style.yaml", "  leaving: Leaving\n", "", None, "themes: no words for the theme leaving",
    ),
    "a policy that shows some as nought": (
        "policies/threshold8_round5.yaml", "round_to: 5", "round_to: 20", None,
        "(the whole file): a count of 8 is shown and would be rounded to 0",
    ),
    "an unknown key of a policy": (
        "policies/threshold8_round5.yaml", "threshold: 8", "treshold: 8", 0,
        "treshold: no such key; did you mean 'threshold'?",
    ),
    "an unknown suite part": (
        "expectations.yaml", "sentence: The number of staff", "sentense: The number of staff", 0,
        "volume.0.sentense: no such key; did you mean 'sentence'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "on", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_pointed_at(
    folder: Path, file: str, old: str, new: str, on: int | None, words: str
) -> None:
    line = changed(folder, file, old, new)
    found = mistakes_in(folder)
    about = [each for each in found if words in each]
    assert about, found
    assert file in about[0]
    stated = int(re.findall(r"line (\d+)", about[0])[0])
    if on is not None:
        assert stated == line + on
    assert stated >= 1


def test_the_default_catalogue_has_no_mistake(folder: Path) -> None:
    assert load_catalogue(folder) == load_catalogue(DEFAULT)


def test_all_mistakes_of_all_files_are_told_at_once(folder: Path) -> None:
    changed(folder, "organisation.yaml", "comparison: wres", "comparison: wers")
    changed(folder, "organisation.yaml", "approval_required: true", "approval_required: perhaps")
    changed(folder, "indicators.yaml", "  kind: share", "  kind: shares")
    changed(folder, "ethnicity.csv", "B,Irish,B,", "B,,B,")
    files = [each.split(",")[0] for each in mistakes_in(folder)]
    assert files == ["organisation.yaml", "organisation.yaml", "indicators.yaml", "ethnicity.csv"]


def test_mistakes_in_several_indicators_are_told_at_once(folder: Path) -> None:
    changed(folder, "indicators.yaml", "  part: senior_manager", "  part: senior_manger")
    changed(folder, "indicators.yaml", "  part: board_member", "  part: bord_member")
    assert len(mistakes_in(folder)) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,Whit,known,false",
         "line 3, broad_group: expected 'Asian', 'Black', 'Mixed', 'White', 'Other' or 'Unknown'; did you mean 'White'?"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known,perhaps",
         "line 3, white_british: expected true or false"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known",
         "line 3, white_british: this key is needed and is not there"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known,false,more",
         "line 3, (no heading): no such key"),
        ("B,Irish,B,Irish,White,known,false", '\nB,"Irish,\nor so",B,Irish,Whit,known,false',
         "line 5, broad_group: expected"),
        ("B,Irish,B,Irish,White,known,false", "A,Irish,B,Irish,White,known,false",
         "'A' stands for two things, A and A; keep one"),
        (",broad_group,", ",broad_grp,", "line 2, broad_grp: no such key; did you mean 'broad_group'?"),
    ],
)  # fmt: skip
def test_a_bad_row_of_the_ethnic_codes_is_pointed_at(folder: Path, old: str, new: str, words: str) -> None:
    changed(folder, "ethnicity.csv", old, new)
    found = mistakes_in(folder)
    assert any(words in each and each.startswith("ethnicity.csv") for each in found), found[:5]


def test_ethnic_codes_without_one_for_a_blank_are_refused(folder: Path) -> None:
    path = folder / "ethnicity.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("not_known", "declined"), encoding="utf-8")
    assert "no code has the answer not_known" in mistakes_in(folder)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [", "line 1 is not YAML"),
        (b"a: 1\n b: 2\n", "line 2 is not YAML"),
        (b"a: 1\n---\nb: 2\n", "is not YAML"),
        (b"a: \x00\n", "it holds characters that are not text"),
        (b"a: 1\nb: 2026-13-45\n", "line 2 is not YAML (it looks like a date or number and is none"),
        (b"a: &a [*a]\n", "a part of it holds itself"),
        (b"? [a, b]\n: 1\n", "line 1 is not YAML (a key is a word"),
        (b"a: !!python/object:os.system x\n", "line 1 is not YAML"),
        (b"<<: {a: 1}\n", "is not YAML"),
        (b"name: Caf\xe9\n", "the file cannot be read as UTF-8 text"),
        (b"", "(the whole file): expected keys with values under them"),
        (b"- 1\n- 2\n", "(the whole file): expected keys with values under them"),
    ],
)
def test_a_file_that_is_no_yaml_is_refused_in_words(folder: Path, content: bytes, words: str) -> None:
    (folder / "organisation.yaml").write_bytes(content)
    found = mistakes_in(folder)
    assert any(words in each for each in found), found
    assert found[0].startswith("organisation.yaml")


@pytest.mark.parametrize(
    "file", ["organisation.yaml", "indicators.yaml", "expectations.yaml", "ethnicity.csv"]
)
def test_a_file_that_is_not_there_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert mistakes_in(folder)[0].startswith(f"{file}: the file is not there")


def test_ethnic_codes_in_another_encoding_are_refused(folder: Path) -> None:
    (folder / "ethnicity.csv").write_bytes("code,label\nA,Ångström\n".encode("windows-1252"))
    assert "is not CSV in UTF-8" in mistakes_in(folder)[0]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no such folder"):
        load_catalogue(tmp_path / "none")


def test_the_hash_follows_every_byte_and_name(folder: Path) -> None:
    before = catalogue_hash(folder)
    assert before == catalogue_hash(DEFAULT)
    changed(folder, "survey.yaml", "scales:", "scales: ")
    after = catalogue_hash(folder)
    assert after != before
    (folder / "pay_scales.csv").rename(folder / "grades.csv")
    assert catalogue_hash(folder) not in (before, after)


def test_lines_of_keys_are_kept_and_the_nearest_above_stands_in(tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    path.write_text("# a comment\na:\n  b: 1\n  c:\n    - x\n    - y: 2\n", encoding="utf-8")
    document = read_yaml(path)
    assert document.value == {"a": {"b": 1, "c": ["x", {"y": 2}]}}
    assert document.line_of(("a", "b")) == 3
    assert document.line_of(("a", "c", 1, "y")) == 6
    assert document.line_of(("a", "d")) == 2
    assert document.line_of(("nothing",)) == 2
