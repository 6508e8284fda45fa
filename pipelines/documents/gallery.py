"""The gallery: pictures of every page of the invented sample, which `make gallery` takes of a demonstration."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from disparity.refusal import Refusal, refuse

if TYPE_CHECKING:
    from playwright.sync_api import Page

_AUDIENCE = "restricted"
_WIDTHS = {"": 1100, "-narrow": 320}
_NARROW = "index"
_TALLEST = 2600
_COLOURS = 256
_LARGEST = 300_000


def pictures(storage: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and PNG of every page of the latest quarter and of the index; the overview on a narrow screen too.

    Raises Refusal where the folder holds no published report, or no Chromium is found.
    """
    pages = _pages(storage)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise refuse(
            "there is no Chromium", where="gallery", rule="a page is pictured by a browser",
            do="on Debian: apt-get install chromium",
        )  # fmt: skip
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for suffix, width in _WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, path in pages.items():
                if not suffix or name == _NARROW:
                    yield f"{name}{suffix}.png", _picture(page, path, width)
        browser.close()


def _pages(storage: Path) -> dict[str, Path]:
    """Return the pages by the names of their pictures."""
    place = storage / _AUDIENCE
    quarters = sorted(place.glob("*/index.html"))
    if not quarters:
        raise refuse(
            "no report is published there", where=str(place), rule="the gallery shows a finished demonstration",
            do="make demo",
        )  # fmt: skip
    return {"all-quarters": place / "index.html"} | {
        path.stem: path for path in sorted(quarters[-1].parent.glob("*.html"))
    }


def _picture(page: Page, path: Path, width: int) -> bytes:
    """Take the top of a page, in few colours. Raises ValueError where it is still too heavy for a repository."""
    from PIL import Image

    page.goto(path.absolute().as_uri())
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), _TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    out = io.BytesIO()
    with Image.open(io.BytesIO(taken)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(out, format="PNG", optimize=True)
    if len(out.getvalue()) > _LARGEST:
        raise ValueError(f"the picture of {path.name} has {len(out.getvalue()):,} bytes")
    return out.getvalue()


def main(storage: Path, gallery: Path) -> int:
    """Write the pictures to the gallery, in place of those that lie there; return the exit code."""
    try:
        taken = dict(pictures(storage))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    gallery.mkdir(exist_ok=True)
    for old in gallery.glob("*.png"):
        old.unlink()
    for name, content in taken.items():
        (gallery / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(__file__).parents[2] / "docs" / "gallery"))
