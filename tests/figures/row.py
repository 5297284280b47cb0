"""One row of the figures: what is shown, its floor, and the one command that runs its full count."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """`command` runs in the project's environment: ("pytest", …) or ("bench", …). `minutes`: about how long."""

    number: str
    what: str
    floor: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    minutes: float = 1
