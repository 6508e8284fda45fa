"""A folder of extracts as a hostile supplier may fill it: a Python file of the name of every module there is."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

OURS = ("pipelines", "assets", "resources", "reports", "disparity")
BY_ITSELF = ("sitecustomize", "usercustomize")  # what Python imports unasked


class HostileFolder:
    """Fills a folder, and tells which of its files were executed: each writes down its name."""

    def __init__(self, folder: Path, *, standard_library: bool = True) -> None:
        self._executed = folder.parent / f"executed_in_{folder.name}"
        folder.mkdir(exist_ok=True)
        names = {*importlib.metadata.packages_distributions(), *OURS, *BY_ITSELF}
        if standard_library:
            names |= sys.stdlib_module_names
        for name in filter(str.isidentifier, names):
            program = f"with open({str(self._executed)!r}, 'a') as file: file.write({name!r} + '\\n')\n"
            (folder / f"{name}.py").write_text(program, encoding="utf-8")
        # Dagster takes settings for its processes from it.
        (folder / ".env").write_text(f"PYTHONPATH={folder}\n", encoding="utf-8")

    @property
    def executed(self) -> list[str]:
        """The modules that were executed, each once."""
        if not self._executed.exists():
            return []
        return sorted(set(self._executed.read_text(encoding="utf-8").split()))
