"""How the picture looks: a white card of its own that reads alike in dark and light mode, on a phone and in print.

Colours are of the palette by Okabe and Ito that people with any colour vision tell apart (jfly.uni-koeln.de/color), the
darker ones of it, so that each stands out from white by 3:1 or more. None carries a meaning alone: bars are plain or
hatched, lines solid or dashed, and what they are is written beside them. Sizes are for 400 pixels of width on a phone,
a quarter of the picture's own.
"""

import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

WIDTH: Final = 1_600
HEIGHT: Final = 2_000
DPI: Final = 200

PAPER: Final = "#ffffff"
INK: Final = "#1a1a1a"
FAINT: Final = "#595959"
RULE: Final = "#d0d0d0"
BEFORE: Final = "#f0f0f0"
BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
GREEN: Final = "#009e73"
"""Okabe and Ito's bluish green."""

TITLE: Final = 19.0
HEADING: Final = 15.5
TEXT: Final = 14.0
"""Sizes in points, of which there are 72 to 200 pixels."""

DRAWING: Final = threading.Lock()
"""Held while a picture is drawn: the library keeps caches that threads must not share (matplotlib.org, FAQ)."""


@cache
def _font(name: str) -> Path:
    """A font that comes with the library, so that no machine's own fonts or settings change the picture."""
    return Path(matplotlib.get_data_path(), "fonts", "ttf", name)


@cache
def _signs(name: str) -> frozenset[int]:
    return frozenset(FT2Font(_font(name)).get_charmap())


def written(size: float, *, bold: bool = False, color: str = INK) -> dict[str, Any]:
    """How a text is set: the keyword arguments for it. `$` and backslashes in it mean nothing."""
    font = _font("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return {"fontproperties": FontProperties(fname=font, size=size), "color": color, "parse_math": False}


def drawable(text: str) -> str:
    """The text with a box in place of each sign that the font does not have."""
    known = _signs("DejaVuSans-Bold.ttf") & _signs("DejaVuSans.ttf")
    return "".join(sign if ord(sign) in known else "□" for sign in text)
