"""What Dagster's processes share: its home below the storage folder, and where our code is.

Serving the interface is `pipelines.serving`'s.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import dagster as dg
from dagster._core.workspace.load_target import ModuleTarget

from resources.dagster_storage import open_instance
from resources.lake import make_private_folder, replace_file
from resources.settings import Settings

# Where no folder is named Dagster puts the current one on the path of Python, in front of everything.
CODE_LOCATION = ModuleTarget(
    module_name="pipelines.definitions",
    attribute=None,
    working_directory=str(Path(__file__).resolve().parents[1]),
    location_name="race_equality_pipeline",
)
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
