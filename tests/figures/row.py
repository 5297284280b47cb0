"""One row of the figures: what is shown, its floor, and the one command that runs its full count."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """`command` runs in the project's environment: ("pytest", …), ("bench", …) or ("mutation", …).

    `minutes`: about how long it takes. `number` is that of the table of figures, with a letter where a row
    is shown in parts, or a benchmark's name.
    """

    number: str
    what: str
    floor: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    minutes: float = 1
