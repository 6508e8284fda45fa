"""What Dagster's processes share: its home below the storage folder, and where our code is.

Serving the interface is `pipelines.interface.serving`'s.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import dagster as dg
import yaml
from dagster._core.workspace.load_target import ModuleTarget

from resources.dagster_storage import open_instance
from resources.lake import make_private_folder, replace_file
from resources.settings import Settings

_ROOT = Path(__file__).resolve().parents[2]
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


def code_location() -> ModuleTarget:
    """Return where our code is, as `workspace.yaml` says.

    Where no folder is named Dagster puts the current one on the path of Python, in front of everything.
    """
    (location,) = yaml.safe_load((_ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    return ModuleTarget(**location["python_module"], attribute=None, working_directory=str(_ROOT))


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
