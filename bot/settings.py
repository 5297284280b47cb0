"""Typed settings: `handoff.toml` and the environment, one frozen model per concern.

Every value can be overridden as `HANDOFF_<SECTION>__<KEY>`. Secrets come only from the environment or from a
`*_file` key that names a file holding the secret, so that `handoff.toml` can be kept in version control.
Reading and the messages for a wrong file are in `bot.settings_file`.
"""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from automations.domain import Mode
from automations.durations import Duration
from automations.failure_tickets.priority import PriorityRules
from automations.failure_tickets.rules import Rule
from automations.sla.policy import SlaTarget
from bot.settings_access import Access
from bot.settings_audit import AuditSection
from bot.settings_customers import CustomersSection
from bot.settings_desks import Desk
from bot.settings_escalation import EscalationSection
from bot.settings_identity import Identity
from bot.settings_report import ReportSection
from bot.settings_retention import RetentionSection
from bot.settings_triage import TriageSection
from bot.settings_types import ChannelId, Email, Emoji, Name, Names, Section, Zone, listed


class Team(Section):
    """Whose bot this is."""

    name: Name = Field("Support", description="Shown in lists and messages")
    zone: Zone = Field("UTC", description="IANA zone in which people read times")


class Reactions(Section):
    """Which emoji does what on a case message."""

    claim: Emoji = Field("eyes", description="Reaction that claims; taking it back releases")
    resolve: Emoji = Field("white_check_mark", description="Reaction that offers the resolve form")
    escalate: Emoji = Field("rotating_light", description="Reaction that offers the escalate form")


class Slack(Section):
    """The Slack workspace."""

    transport: Literal["socket", "http"] = Field("socket", description="Socket Mode, or signed requests over HTTP")
    base_url: str = Field("https://slack.com/api/", description="Where Slack's Web API answers")
    command_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")] = Field(
        "support", description="First word of the slash commands"
    )
    fallback_channel: ChannelId | None = Field(
        None, description="Where messages go when their channel is gone; the escalation channel if unset"
    )
    reactions: Reactions = Reactions()
    bot_token: SecretStr | None = Field(None, description="Bot token (xoxb-…), secret")
    bot_token_file: Path | None = Field(None, description="File that holds the bot token")
    app_token: SecretStr | None = Field(None, description="App token for Socket Mode (xapp-…), secret")
    app_token_file: Path | None = Field(None, description="File that holds the app token")
    signing_secret: SecretStr | None = Field(None, description="Signing secret for HTTP, secret")
    signing_secret_file: Path | None = Field(None, description="File that holds the signing secret")

    @model_validator(mode="after")
    def _base_url_ends_with_a_slash(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not self.base_url.endswith("/"):
            raise ValueError("slack.base_url must be an http(s) address that ends with /")
        return self


class Roles(Section):
    """Who may do what: Slack user ids (U…, W…) or user group ids (S…). Each role includes the ones before it."""

    agent: Names = Field((), description="May claim, reassign, escalate, resolve")
    lead: Names = Field((), description="Also told of escalations; confirms")
    admin: Names = Field((), description="Also changes modes and settings")


class DatabaseSection(Section):
    """Where everything is kept."""

    url: str | None = Field(None, description="SQLAlchemy URL; an SQLite file in the data folder by default")


class Http(Section):
    """The bot's own HTTP port."""

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8080, description="Port to listen on")
    public_url: str | None = Field(None, description="How people reach this port, for links; http://host:port if unset")
    read_token: SecretStr | None = Field(None, description="Lets other machines read the pages and cases, secret")
    read_token_file: Path | None = Field(None, description="File that holds the read token")


class Ingest(Section):
    """Who may report failures. Each secret: `source=token` pairs separated by commas; `*` stands for every source."""

    tokens: SecretStr | None = Field(None, description="Bearer tokens, `source=token, …`, secret")
    tokens_file: Path | None = Field(None, description="File that holds the tokens")
    webhook_secrets: SecretStr | None = Field(
        None, description="Standard Webhooks secrets, `source=whsec_…`, two per source while rotating; secret"
    )
    webhook_secrets_file: Path | None = Field(None, description="File that holds the webhook secrets")
    sentry_secrets: SecretStr | None = Field(None, description="Sentry client secrets, `source=secret, …`, secret")
    sentry_secrets_file: Path | None = Field(None, description="File that holds Sentry's client secrets")
    events_per_minute: Annotated[int, Field(ge=1)] = Field(
        120_000, description="Events one source may send in a minute before it gets 429"
    )


class Hours(Section):
    """When the team works. Outside of it only urgent cases mention anybody."""

    days: Annotated[tuple[Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], ...], BeforeValidator(listed)] = (
        Field(("Mon", "Tue", "Wed", "Thu", "Fri"), description="Working days")
    )
    start: time = Field(time(9), description="When work begins, in the team's zone")
    end: time = Field(time(17), description="When it ends")
    holidays: tuple[date, ...] = Field((), description="Days on which nobody works")


class Source(Section):
    """A source that has to be heard from."""

    name: Name = Field(description="The source, as it reports itself")
    expect_every: Duration = Field(description="Silence for longer is a case of its own")


class FailureTickets(Section):
    """The first automation: an application failure becomes one owned ticket."""

    mode: Literal[Mode.OFF, Mode.SHADOW, Mode.AUTO] = Field(Mode.AUTO, description="off, shadow or auto")
    default_owner: Email = Field(description="E-mail of who owns what no rule names an owner for")
    default_queue: Name = Field("Support", description="Group in the desk")
    default_channel: Name = Field("failures", description="Channel, by its name under [channels]")
    escalation_channel: Name = Field("escalations", description="Where escalations are posted")
    escalation_lead: Email | None = Field(None, description="Who is mentioned there; the default owner if unset")
    escalate_after: Duration | None = Field(None, description="Unclaimed for this long: escalated; never if unset")
    close_on_resolved: bool = Field(True, description="A `resolved` event closes its case")
    burst_over: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="More new cases of one source and reason than this become a group"
    )
    burst_within: Duration = Field(timedelta(minutes=10), description="Time in which they have to open for that")
    reopen_within: Duration = Field(
        timedelta(minutes=30), description="A case closed by its source reopens by itself within this time"
    )
    undo_for: Annotated[Duration, Field(le=timedelta(minutes=10))] = Field(
        timedelta(seconds=60), description="How long an act can be taken back; a closing reaches the desk after it"
    )
    remind_after: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=7))] | None = Field(
        timedelta(hours=4), description="A claimed case untouched for this long is spoken of again"
    )
    away_after: Duration = Field(
        timedelta(hours=4), description="An owner away for longer than this loses open cases to somebody else"
    )
    priority: PriorityRules = PriorityRules()
    rules: tuple[Rule, ...] = ()


class Stuck(Section):
    """When people are reminded of work that could not be done and waits for them; in working hours only."""

    remind_after: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=7))] | None = Field(
        timedelta(hours=1), description="What has waited for this long is spoken of to its owner; never if unset"
    )
    remind_every: Annotated[Duration, Field(ge=timedelta(hours=1), le=timedelta(days=14))] = Field(
        timedelta(days=1), description="And again after this long, in one message for all of it"
    )


class AbsenceSection(Section):
    """A time in which somebody is away, [from, until)."""

    start: date = Field(alias="from")
    until: date


class PersonSection(Section):
    """One colleague: the e-mail joins Slack user and desk agent."""

    name: Name
    email: Email
    slack: Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9_]+$")] | None = None
    desk: Email | None = None
    away: tuple[AbsenceSection, ...] = ()


class RotationSection(Section):
    """People who take turns."""

    name: Name
    people: Annotated[tuple[Email, ...], Field(min_length=1)]
    hand_over: Name = "Mon 09:00"
    first: date


class GroupSection(Section):
    """People of whom the least loaded gets the next case."""

    name: Name
    people: Annotated[tuple[Email, ...], Field(min_length=1)]


class Settings(BaseSettings):
    """Everything Handoff is told. Read with `bot.settings_file.load`, which also says where each value came from."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="HANDOFF_",
        env_nested_delimiter="__",
        enable_decoding=False,
    )

    team: Team = Team()
    slack: Slack = Slack()
    channels: dict[Name, ChannelId] = Field(default_factory=dict, description="Channel ids by the names rules use")
    roles: Roles = Roles()
    database: DatabaseSection = DatabaseSection()
    audit: AuditSection = AuditSection()
    http: Http = Http()
    ingest: Ingest = Ingest()
    desk: Desk = Desk()
    identity: Identity = Identity()
    failure_tickets: FailureTickets
    access: Access | None = None
    report: ReportSection = ReportSection()
    customers: CustomersSection | None = None
    triage: TriageSection = TriageSection()
    escalation: EscalationSection = EscalationSection()
    sla: tuple[SlaTarget, ...] = ()
    hours: Hours | None = None
    stuck: Stuck = Stuck()
    retention: RetentionSection = RetentionSection()
    sources: tuple[Source, ...] = ()
    people: tuple[PersonSection, ...] = ()
    rotations: tuple[RotationSection, ...] = ()
    groups: tuple[GroupSection, ...] = ()
