"""The pseudonym key: where it comes from, who may read it, and what is made of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.datasets import DATASETS
from disparity.refusal import Refusal
from resources.pseudonyms import PseudonymKeys, hold_to_one_key, load_keys, pseudonyms

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def no_key_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RACE_EQUALITY_KEY", raising=False)
    monkeypatch.delenv("RACE_EQUALITY_KEY_FILE", raising=False)


@given(st.lists(st.none() | st.text()), st.binary(min_size=32, max_size=100))
def test_a_pseudonym_is_hmac_sha_256_and_null_stays_null(identifiers: list[str | None], key: bytes) -> None:
    found = pseudonyms(pl.Series(identifiers, dtype=pl.String), key).to_list()
    assert found == [
        each if each is None else hmac.new(key, each.encode(), hashlib.sha256).hexdigest()[:32]
        for each in identifiers
    ]


def test_hr_datasets_share_a_key_and_each_told_in_confidence_has_its_own() -> None:
    keys = {name: PseudonymKeys(KEY).for_dataset(dataset) for name, dataset in DATASETS.items()}
    assert keys["staff_in_post"] == keys["leavers"] == keys["learning_budget"] == KEY
    assert len({keys["staff_in_post"], keys["staff_survey"], keys["exit_interviews"]}) == 3


def test_a_key_is_not_shown() -> None:
    assert "\\x01" not in repr(PseudonymKeys(KEY))


@pytest.mark.parametrize("written", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode() + "\n"])
def test_the_environment_wins(written: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RACE_EQUALITY_KEY", written)
    assert load_keys(tmp_path / "never.key").master == KEY
    assert not (tmp_path / "never.key").exists()


@pytest.mark.parametrize("written", ["", KEY[:31].hex(), base64.b64encode(KEY[:31]).decode(), "not a key!"])
def test_a_short_or_unreadable_key_is_refused_unseen(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACE_EQUALITY_KEY", written)
    with pytest.raises(Refusal, match=r"RACE_EQUALITY_KEY: .*at least 32 random bytes") as refused:
        load_keys(None)
    assert not written or written not in str(refused.value)


def test_a_key_file_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "pseudonym.key"
    first = load_keys(path)
    assert load_keys(path) == first
    assert len(first.master) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["pseudonym.key"]


def test_the_file_is_the_one_named_or_in_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    home = load_keys(None)
    assert home == load_keys(tmp_path / ".config" / "race-equality" / "pseudonym.key")
    monkeypatch.setenv("RACE_EQUALITY_KEY_FILE", str(tmp_path / "named.key"))
    named = load_keys(None)
    assert (tmp_path / "named.key").exists()
    assert named != home


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    load_keys(path)
    path.chmod(0o640)
    with pytest.raises(Refusal, match=r"other accounts may read .*chmod 600"):
        load_keys(path)


def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    path.write_text("")
    path.chmod(0o600)
    with pytest.raises(Refusal, match=r"pseudonym.key: the key is"):
        load_keys(path)
    assert path.read_text() == ""


def test_a_key_is_not_made_where_it_could_be_committed(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(Refusal, match=r"inside a git working tree"):
        load_keys(tmp_path / "storage" / "pseudonym.key")
    assert not (tmp_path / "storage").exists()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(Refusal, match=r"the key file cannot be read or made"):
        load_keys(tmp_path / "a file" / "pseudonym.key")


def test_two_that_make_the_key_at_once_agree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    real_link = os.link

    def beaten(made: Path, wanted: Path) -> None:
        wanted.write_text(KEY.hex())
        wanted.chmod(0o600)
        real_link(made, wanted)

    monkeypatch.setattr(os, "link", beaten)
    assert load_keys(path).master == KEY
    assert [each.name for each in tmp_path.iterdir()] == ["pseudonym.key"]


def test_a_storage_holds_to_the_key_it_was_first_used_with(tmp_path: Path) -> None:
    hold_to_one_key(PseudonymKeys(KEY), tmp_path)
    hold_to_one_key(PseudonymKeys(KEY), tmp_path)
    with pytest.raises(Refusal, match=r"another pseudonym key .*Rule: .*What to do: ") as refused:
        hold_to_one_key(PseudonymKeys(KEY[::-1]), tmp_path)
    assert str(tmp_path) in str(refused.value)
    assert "RACE_EQUALITY_KEY" in str(refused.value)
    assert "new storage folder" in str(refused.value)


def test_the_fingerprint_of_a_key_is_short_its_owners_alone_and_tells_nothing_else(tmp_path: Path) -> None:
    hold_to_one_key(PseudonymKeys(KEY), tmp_path)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    fingerprint = kept.read_text().strip()
    assert len(fingerprint) == 16
    assert fingerprint not in KEY.hex()
    assert not any(
        PseudonymKeys(KEY).for_dataset(dataset).hex().startswith(fingerprint) for dataset in DATASETS.values()
    )


def test_a_fingerprint_that_is_damaged_is_refused_and_kept(tmp_path: Path) -> None:
    hold_to_one_key(PseudonymKeys(KEY), tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text("")
    with pytest.raises(Refusal, match=r"another pseudonym key"):
        hold_to_one_key(PseudonymKeys(KEY), tmp_path)
    assert kept.read_text() == ""


@pytest.mark.parametrize("left", ["key_fingerprint", "received/leavers/text-1.parquet"])
def test_no_key_is_made_where_one_is_lost(left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RACE_EQUALITY_KEY", raising=False)
    path, lake = tmp_path / "pseudonym.key", tmp_path / "lake"
    first = load_keys(path, lake)
    path.rename(tmp_path / "moved.key")
    (lake / left).parent.mkdir(parents=True)
    (lake / left).touch()
    with pytest.raises(Refusal, match=r"the pseudonym key is not there, .* was made with one") as refused:
        load_keys(path, lake)
    assert not path.exists()
    assert "bring the key back from a copy" in str(refused.value)
    (tmp_path / "moved.key").rename(path)
    assert load_keys(path, lake) == first


def test_a_key_file_that_is_none_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RACE_EQUALITY_KEY", raising=False)
    os.mkfifo(tmp_path / "pseudonym.key")
    with pytest.raises(Refusal, match="it is a pipe, a socket or a device, not a file"):
        load_keys(tmp_path / "pseudonym.key")
