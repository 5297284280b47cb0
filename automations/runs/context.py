"""What every act on a run is given. Built by the bot; an automation adds what is its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from automations.domain import Mode
from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Frozen, so that one reload of the settings is one new context and nobody sees half of it.

    `automation` is its name (`access`); `mode` is the one of the settings: a mode set by command wins. `channel` is
    where cards go. A proposal ends after `expires_after`; the first reminder comes after `remind_after`, each further
    one after twice the time before. A step that waits for somebody outside (an invitation) fails after `waits_for`;
    what waits is spoken of every `remind_waiting` and looked at every `look_every`. `owner` (an e-mail address) looks
    after what nobody else does. `only_restores`: its runs take back what was done and nothing else, so they work in
    every mode.
    """

    roster: Roster
    zone: str
    jobs: Jobs
    clock: Clock
    redactor: Redactor
    automation: str
    mode: Mode
    channel: str
    owner: str
    expires_after: timedelta = timedelta(hours=8)
    remind_after: timedelta = timedelta(minutes=15)
    waits_for: timedelta = timedelta(days=7)
    remind_waiting: timedelta = timedelta(days=1)
    look_every: timedelta = timedelta(minutes=5)
    only_restores: bool = False


Contexts = Callable[[str], RunContext]
"""The context of an automation, by its name, as it is at this moment. Raises: Refused if it is set up no more."""
