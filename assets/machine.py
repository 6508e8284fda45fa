"""The machine that a run is on: what of it no report may name."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

from resources.workplace import Workplace


def of_this_machine(workplace: Workplace) -> tuple[str, ...]:
    """Return what no report may name: who runs it, on what, and where things lie."""
    places = (Path.home(), Path.cwd(), workplace.settings.storage, workplace.settings.landing)
    return getpass.getuser(), socket.gethostname(), *(str(place) for place in places if len(place.parts) > 1)
