"""Where things are: folders, databases and the key file, from the command line or ``RACE_EQUALITY_*``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.catalogue import DEFAULT

PREFIX = "RACE_EQUALITY_"
_FILE_BESIDE_US = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)(.+)")


@dataclass(frozen=True)
class Settings:
    """The places one installation works with. URLs hold passwords and keys, so none is printed with the settings."""

    catalogue: Path
    landing: Path
    storage: Path
    internal_url: str = field(repr=False)
    results_url: str = field(repr=False)
    key_file: Path | None
    teams_webhook: str | None = field(repr=False)
    mail_to: str | None
    mail_server: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Path | None) -> Settings:
        """Read the settings; ``given`` (catalogue, landing, storage) win over the environment."""

        def folder(name: str, default: Path) -> Path:
            chosen = given.get(name) or environment.get(PREFIX + name.upper()) or default
            return Path(chosen).expanduser().resolve()

        def database(name: str) -> str:
            url = environment.get(f"{PREFIX}{name.upper()}_URL") or f"sqlite:///{storage / f'{name}.db'}"
            return _FILE_BESIDE_US.sub(lambda found: f"{found[1]}{Path(found[2]).resolve()}", url)

        storage = folder("storage", Path("storage"))
        key_file = environment.get(PREFIX + "KEY_FILE")
        return cls(
            catalogue=folder("catalogue", DEFAULT),
            landing=folder("landing", Path("landing")),
            storage=storage,
            internal_url=database("internal"),
            results_url=database("results"),
            key_file=Path(key_file).expanduser().resolve() if key_file else None,
            teams_webhook=environment.get(PREFIX + "TEAMS_WEBHOOK"),
            mail_to=environment.get(PREFIX + "MAIL_TO"),
            mail_server=environment.get(PREFIX + "MAIL_SERVER"),
        )

    def as_environment(self) -> dict[str, str]:
        """Return the places as environment variables, for processes started with the same settings in another folder."""
        given = {
            "CATALOGUE": self.catalogue,
            "LANDING": self.landing,
            "STORAGE": self.storage,
            "INTERNAL_URL": self.internal_url,
            "RESULTS_URL": self.results_url,
            "KEY_FILE": self.key_file,
        }
        return {PREFIX + name: str(value) for name, value in given.items() if value is not None}
