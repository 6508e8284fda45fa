"""Settings are seen in error pages and logs: what is secret in them is not."""

from __future__ import annotations

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
