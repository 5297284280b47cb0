"""One secret of each kind that is ours: by its form, or by its value alone, as settings hold it. Made at run time."""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from tests.automations.test_redact import OURS

HELD: Final[Mapping[str, str]] = {
    "held ingest token": "quiet-lantern-river",
    "held Sentry secret": "amber meadow / 7 + thistle",
    "held signing secret": "sparrow.window&orchard",
}
"""Values without any form: only whoever holds them can know that they are secrets."""

KINDS: Final[Mapping[str, str]] = {**OURS, **HELD}
WINDOW: Final = 12
"""So many signs of a secret in a row are a leak."""
PUBLIC: Final = "handoff_ingest_"
"""How our own tokens begin, and so do names of metrics."""


def leaks(text: str) -> dict[str, str]:
    """The kinds of which a piece stands in the text, as it is, for a URL, or in base64, each with what is around it."""
    found = {}
    for kind, secret in KINDS.items():
        places = [text.find(piece) for piece in _pieces(secret) if piece in text]
        if places:
            found[kind] = text[max(0, min(places) - 80) : min(places) + 40]
    return found


def _pieces(secret: str) -> set[str]:
    forms = (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())
    windows = {form[at : at + WINDOW] for form in forms for at in range(max(1, len(form) - WINDOW + 1))}
    return {window for window in windows if window not in PUBLIC}
