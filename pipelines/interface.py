"""Dagster's home below the storage folder, and its interface on loopback."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path

import dagster as dg

from resources.dagster_storage import open_instance
from resources.lake import make_private_folder, replace_file
from resources.settings import Settings

LOOPBACK = "127.0.0.1"
WORKSPACE = Path(__file__).resolve().parent.parent / "workspace.yaml"
_OURS = "# Made by race-equality"
_CONFIGURATION = (
    _OURS
    + """: delete this line to keep changes of your own.
# Dagster's own storage for one machine: SQLite here, one run at a time because two would lock it.
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: resources.event_log
  class: KeptOpenSqliteEventLogStorage
  config:
    base_dir: {events}
concurrency:
  runs:
    max_concurrent_runs: 1
"""
)


def dagster_home(settings: Settings) -> Path:
    """Return Dagster's home with its configuration, which follows the folder when that is moved or restored.

    A configuration of the organisation's own, without our first line, is left as it is.
    """
    home = make_private_folder(settings.storage / "dagster")
    configuration = home / "dagster.yaml"
    wanted = _CONFIGURATION.format(events=json.dumps(str(home / "events")))
    held = configuration.read_text(encoding="utf-8") if configuration.exists() else _OURS
    if held.startswith(_OURS) and held != wanted:
        replace_file(configuration, wanted.encode())
    return home


def dagster_instance(settings: Settings) -> dg.DagsterInstance:
    """Return the instance whose history the interface shows; what was mended in it is said on the terminal."""
    return open_instance(dagster_home(settings), say=partial(print, file=sys.stderr))


def serve(settings: Settings, port: int) -> None:
    """Replace this process by Dagster's, which serves the interface until it is stopped."""
    # Made here, before its web server, daemon and code server make it at once.
    dagster_instance(settings).dispose()
    environment = {
        **os.environ,
        **settings.as_environment(),
        "DAGSTER_HOME": str(dagster_home(settings)),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    arguments = ["-m", "dagster", "dev", "-w", str(WORKSPACE), "--host", LOOPBACK, "--port", str(port)]
    os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606
