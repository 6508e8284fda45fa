"""Settings are seen in error pages and logs: what is secret in them is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.settings import Settings

SECRET = "CANARYQRY"


def test_settings_in_words_hold_no_address_with_a_secret() -> None:
    given = {
        "RACE_EQUALITY_INTERNAL_URL": f"postgresql://u:{SECRET}@host/internal",
        "RACE_EQUALITY_RESULTS_URL": f"postgresql:///results?password={SECRET}",
        "RACE_EQUALITY_TEAMS_WEBHOOK": f"https://example.org/{SECRET}",
    }
    settings = Settings.from_environment(given)
    assert SECRET in settings.results_url
    assert SECRET not in repr(settings)


def test_files_named_from_here_are_the_same_for_a_process_started_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {
        "RACE_EQUALITY_INTERNAL_URL": "sqlite:///kept/internal.db",
        "RACE_EQUALITY_RESULTS_URL": "sqlite+pysqlite:///results.db?timeout=9",
        "RACE_EQUALITY_KEY_FILE": "pseudonym.key",
    }
    settings = Settings.from_environment(given, storage=Path("storage"))
    assert settings.internal_url == f"sqlite:///{tmp_path}/kept/internal.db"
    assert settings.results_url == f"sqlite+pysqlite:///{tmp_path}/results.db?timeout=9"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Settings.from_environment(settings.as_environment()) == settings


def test_addresses_that_name_no_file_from_here_are_left_as_they_are() -> None:
    for url in ("postgresql:///results", "sqlite:////srv/results.db", "sqlite:///:memory:", "sqlite://"):
        assert Settings.from_environment({"RACE_EQUALITY_RESULTS_URL": url}).results_url == url
