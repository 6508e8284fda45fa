"""Which account of the machine a process runs under: who acted as far as the system knows, whatever name was typed."""

from __future__ import annotations

import os
import pwd


def account() -> str:
    """Return the account's name, or its number where the system has no name for it.

    No variable of the environment counts: anybody can set one.
    """
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"number {number}"
