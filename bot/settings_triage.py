"""The `[triage]` section: the team's intents and rules, the score, and how far triage may go."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from automations.domain import Mode
from automations.durations import Duration
from automations.triage.rules import Bar, Intent, Score, TriageRule, TriageRules
from bot.settings_types import Email, Name


class TriageSection(TriageRules):
    """Which queue and priority a ticket gets. Without the section nothing is decided."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Mode = Field(Mode.OFF, description="off, shadow (shows what it would do), ask (a person applies it), auto")
    channel: Name = Field("triage", description="Where it is shown, by its name under [channels]")
    owner: Email | None = Field(
        None, description="E-mail of who looks after it; failure_tickets.default_owner if unset"
    )
    default_queue: Name = Field("Support", description="Group in the desk for what is not decided")
    classifier: bool = Field(True, description="false: rules alone decide, even if a classifier was trained")
    at_least: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Confidence below which the classifier decides nothing; as its training found if unset"
    )
    set_priority: Literal["raise", "always", "never"] = Field(
        "raise", description="raise (never below what a ticket has), always, or never"
    )
    swallow_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="A rule that decides more than this share of the last 30 days is named"
    )
    keep_texts: Annotated[Duration, Field(ge=timedelta(days=1))] = Field(
        timedelta(days=180), description="How long the words of solved tickets are kept, redacted"
    )
    score: Score = Score()
    bar: Bar = Bar()
    intents: tuple[Intent, ...] = ()
    rules: Annotated[tuple[TriageRule, ...], Field(max_length=8)] = ()
