"""What every act of triage is given."""

from dataclasses import dataclass
from datetime import timedelta

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor
from automations.triage.rules import TriageRules

NAME = "triage"
"""The automation's name in modes, audit and lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageContext:
    """The surroundings of an act, and what the settings say of triage. Frozen: one reload is one new context.

    `mode`: off, shadow (shows what it would do), ask (a person applies it) or auto. `channel` is a Slack channel id,
    `owner` an e-mail address. `keep_texts` is how long words of solved tickets are kept.
    """

    roster: Roster
    zone: str
    jobs: Jobs
    clock: Clock
    redactor: Redactor
    mode: Mode
    channel: str
    owner: str
    hours: WorkingHours | None
    rules: TriageRules
    keep_texts: timedelta
    desk_system: str
    desk_title: str
