"""What `handoff doctor` finds about customers: sources that can be read, what the desk can keep, tiers nobody has."""

from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from itertools import islice

from automations.access.blocks import blocked
from automations.customer_context.context import AUTOMATION, CustomerContext
from automations.customer_context.rules import TIER
from automations.customer_ports import CustomerSource
from automations.desks import Capability
from automations.domain import Mode
from automations.errors import AdapterError, ConfigError
from automations.ports import CustomerBook
from automations.runs.ask import mode
from bot.cli.deciders import deciders
from bot.cli.finding import Finding, ok, problem, warning
from bot.cli.slack_look import SlackLook, reached
from bot.customer_sources import open_sources
from bot.customers_parts import make_customer_context
from bot.desk import open_customers
from bot.engine import EngineClient
from bot.parts import SystemClock, make_context
from bot.report_preflight import channel_problem
from bot.settings import Settings
from bot.settings_customers import CustomersSection
from storage.engine import Database

SECTION = "Correct it under [customers]."


def check_customers(settings: Settings, database: Database, look: SlackLook | None) -> Iterator[Finding]:
    """Everything that customer context needs beside what desk and Slack need anyway. Nothing is changed.

    Of each source and of the desk's customers one row is read.
    """
    section = settings.customers
    if section is None:
        yield ok(AUTOMATION, "It is off: no source is read and no customer is changed.")
        return
    try:
        book = open_customers(settings, database, SystemClock())
    except ConfigError:  # told already with the desk
        return
    with closing(EngineClient(database, ())) as jobs:
        try:
            given = make_context(settings, database, settings.desk.kind, jobs=jobs)
            ctx = make_customer_context(settings, given, desk_title=book.title, book=book)
        except ConfigError as exc:
            yield from (problem(AUTOMATION, line, SECTION) for line in str(exc).splitlines())
            return
        assert ctx is not None, "there is a section"
        with database.read() as session:
            in_force, gone = mode(session, ctx), blocked(session)
    if in_force is Mode.OFF:
        yield ok(AUTOMATION, "It is off: no source is read and no customer is changed.")
        return
    yield from _set_up(section, ctx, in_force)
    yield from _approvers(settings, ctx, look, gone)
    yield from _channel(ctx, look)
    yield from _sources(settings)
    yield from _desk(ctx, book)
    yield from _tiers(settings, ctx)


def _set_up(section: CustomersSection, ctx: CustomerContext, in_force: Mode) -> Iterator[Finding]:
    if not section.fields:
        yield problem(AUTOMATION, "No field is named, so nothing is synchronized.", "Write [[customers.fields]].")
        return
    fields = ", ".join(field.name for field in section.fields)
    at = f"planned at {section.sync_at:%H:%M} each night" if section.sync_at else "planned only by command"
    yield ok(AUTOMATION, f"It is in mode {in_force}, {at}, with the fields {fields}.")
    person = ctx.roster.by_email(ctx.owner)
    if person is None or person.slack is None:
        words = f"{ctx.roster.name(ctx.owner)}, its owner, has no Slack user here and cannot be told."
        todo = f"`handoff people link {ctx.owner} --slack U…`, or name another customers.owner."
        yield warning(AUTOMATION, words, todo)


def _approvers(
    settings: Settings, ctx: CustomerContext, look: SlackLook | None, gone: frozenset[str]
) -> Iterator[Finding]:
    slack, team, _ = reached(look)
    able = deciders(settings.roles, ctx.roster, slack, team, gone)
    if len(able.users) < 2 and not able.unasked:
        only = f"Only {able.names[0]} can approve" if able.names else "Nobody can approve"
        words = f"{only}; a sync that the brake stopped needs two people to go on."
        yield warning(AUTOMATION, words, "Name another Slack user or user group under [roles] lead.")


def _channel(ctx: CustomerContext, look: SlackLook | None) -> Iterator[Finding]:
    if look is None:
        return
    try:
        found = channel_problem(look, ctx.channel)
    except AdapterError as exc:
        yield warning(AUTOMATION, f"Slack could not be asked: {exc}")
        return
    if found is not None:
        yield problem(AUTOMATION, *found)


def _sources(settings: Settings) -> Iterator[Finding]:
    """Whether each source answers and has the columns of the fields whose truth it is."""
    try:
        sources = open_sources(settings, SystemClock())
    except ConfigError as exc:
        yield problem(AUTOMATION, str(exc), "Correct it under [[customers.sources]].")
        return
    for source in sources.values():
        yield _source(source)


def _source(source: CustomerSource) -> Finding:
    try:
        rows = source.rows(None)
        found = len(list(islice(rows, 1)))
        as_of = source.as_of()
    except AdapterError as exc:
        return problem(AUTOMATION, str(exc), "Correct it under [[customers.sources]].")
    if not found:
        words = f"{source.title} is empty, so nothing is compared."
        return problem(AUTOMATION, words, "Look whether it is the right one.")
    return ok(AUTOMATION, f"{source.title} is read and has every column in use; as of {as_of:%Y-%m-%d %H:%M} UTC.")


def _desk(ctx: CustomerContext, book: CustomerBook) -> Iterator[Finding]:
    """Whether the desk shows its customers, and what it cannot do that a person should know."""
    if Capability.CUSTOMERS not in ctx.desk_can:
        words = f"{book.title} keeps no customers, so they are kept in Handoff alone."
        yield ok(AUTOMATION, words)
        return
    try:
        if Capability.CUSTOMER_LIST in ctx.desk_can:
            list(islice(book.customers(), 1))
            yield ok(AUTOMATION, f"{book.title} lists its customers.")
    except AdapterError as exc:
        todo = "Give desk.token the right to see and change customers."
        yield problem(AUTOMATION, f"{book.title} does not show its customers: {exc}", todo)
        return
    for capability, words in (
        (Capability.CUSTOMER_LIST, "cannot list its customers, so each is looked up by its domain"),
        (Capability.REFERENCES, "keeps no reference of ours, so only Handoff knows which customer is which account"),
        (Capability.CUSTOMER_SUSPENDS, "cannot suspend a customer, so who is gone is suspended in Handoff alone"),
    ):
        if capability not in ctx.desk_can:
            yield warning(AUTOMATION, f"{book.title} {words}.", book.by_hand.get(capability, ""))


def _tiers(settings: Settings, ctx: CustomerContext) -> Iterator[Finding]:
    """Tiers that other settings speak of and that no customer can have, since no mapping produces them."""
    field = ctx.rules.field(TIER)
    if field is None or not field.values:
        return
    produced = sorted({value.lower() for value in field.values.values() if value})
    for where, pattern in _spoken_of(settings):
        if not any(fnmatchcase(tier, pattern.lower()) for tier in produced):
            words = f"{where} speaks of the tier {pattern!r}, which no customer gets: {', '.join(produced)}."
            yield warning(AUTOMATION, words, "Correct it there, or the values of tier under [[customers.fields]].")


def _spoken_of(settings: Settings) -> Iterator[tuple[str, str]]:
    """Where a setting names a customer's tier, and the pattern it names."""
    for target in settings.sla:
        yield from ((f"[[sla]] {target.name}", pattern) for pattern in target.tier)
    for rule in settings.triage.rules:
        yield from ((f"[[triage.rules]] {rule.name}", pattern) for pattern in rule.tier)
    yield from (("escalation.tiers", pattern) for pattern in settings.escalation.tiers)
