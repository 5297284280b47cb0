"""The picture in README.md: taken from the real page by `pytest tests/browser/test_main_job.py --picture`."""

from pathlib import Path

from playwright.sync_api import Page

PICTURE = Path(__file__).parents[1] / "golden" / "page.png"
WIDTH, HEIGHT = 1280, 800


def take(page: Page) -> None:
    """Write the picture anew; look at it before it is committed."""
    assert page.viewport_size == {"width": WIDTH, "height": HEIGHT}
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=PICTURE)
