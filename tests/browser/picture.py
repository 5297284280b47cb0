"""The pictures in README.md: taken from the real page by `pytest tests/browser --picture`."""

from pathlib import Path

from playwright.sync_api import Locator, Page

GOLDEN = Path(__file__).parents[1] / "golden"
PICTURE = GOLDEN / "page.png"
ESCALATION = GOLDEN / "escalation.png"
WIDTH, HEIGHT = 1280, 800


def take(page: Page) -> None:
    """Write the picture anew; look at it before it is committed."""
    assert page.viewport_size == {"width": WIDTH, "height": HEIGHT}
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=PICTURE)


def take_message(message: Locator) -> None:
    """Write the picture of an escalation's message anew; look at it before it is committed."""
    message.page.mouse.move(0, 0)
    message.screenshot(path=ESCALATION)
