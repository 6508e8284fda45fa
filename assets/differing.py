"""Differing: in which files a quarter's release is not what was published, so that an approver knows what to read again."""

from __future__ import annotations

from disparity.periods import Quarter
from reports.release.provenance import PROVENANCE
from resources.lake import Damaged
from resources.workplace import Workplace


def files_that_differ(workplace: Workplace, audience: str, quarter: Quarter) -> list[str] | None:
    """Return the names of the files added, changed or left out since a quarter was published; None where it never was.

    Where what was published is damaged, nobody can say that a file is as it was: all differ. Names alone are compared: the
    lake names every file by its content. The provenance is not looked at: nobody approves it.
    """
    released = workplace.lake.get(f"{audience}/release", quarter)
    try:
        published = workplace.lake.get(f"{audience}/publication", quarter)
    except Damaged:
        return sorted(released.files.keys() - {PROVENANCE}) if released else None
    if released is None or published is None:
        return None
    now, before = ({name: path.name for name, path in each.files.items()} for each in (released, published))
    names = (now.keys() | before.keys()) - {PROVENANCE}
    return sorted(name for name in names if now.get(name) != before.get(name))
