"""How often Python looks for garbage in a process that runs for weeks.

As Python comes, it looks through everything it holds after every few thousand new objects, and 190 MB of libraries,
mappers and settings that never become garbage hold up every thread each time. Measured with the load of `tests.bench
ingest`, 12 s a time (2 cores, Python 3.11): with what follows 226 to 259 events/s, without it 206 to 214.
"""

import gc
from typing import Final

YOUNG: Final = 20_000
"""New objects before Python looks among the youngest (700 as it comes); a batch of events makes some thousands."""
OLDER: Final = (20, 50)
"""Looks at one generation before the next older one is looked through as well (10 and 10 as it comes)."""


def settle() -> None:
    """Call once everything is started: what is there now stays, and only what is made from now on is looked through.

    See https://docs.python.org/3/library/gc.html, `freeze` and `set_threshold`.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
