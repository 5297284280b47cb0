"""What `handoff doctor` finds in the help desk: who acts there, what is missing, what it could tell customers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from automations.access_ports import DeskAccess
from automations.desks import ABILITY, Capability
from automations.domain import DeskAgent, Mode
from automations.errors import AdapterError, ConfigError
from automations.failure_tickets.needs import NEEDS
from automations.ports import CustomerBook, HelpDesk, Warns
from bot.cli.finding import Finding, ok, problem, warning
from bot.desk import desk_warnings, open_access, open_customers, open_desk
from bot.desk_calls import inferred_calls
from bot.parts import SystemClock
from bot.settings import Settings
from bot.settings_file import secret
from storage.engine import Database
from storage.modes import mode_of

NO_ADMIN = "desk.admin_token is not set: access automation is off until then; everything else works."
AREA = "desk"
FAILURE_TICKETS = "failure_tickets"


def check_desk(settings: Settings, database: Database) -> Iterator[Finding]:
    """Everything about the desk of the settings. Nothing is changed in it."""
    clock = SystemClock()
    for words in desk_warnings(settings):
        yield warning(AREA, words)
    try:
        desk = open_desk(settings, database, clock)
    except ConfigError as exc:
        yield problem(AREA, str(exc))
        return
    try:
        yield from check_people(desk, settings)
    except AdapterError as exc:
        yield problem(AREA, f"{desk.title} cannot be read: {exc}", "`handoff desk check` says more.")
        return
    if settings.desk.kind != "builtin":
        yield from check_address(settings)
        yield from check_requester(open_customers(settings, database, clock), settings)
        try:
            yield from check_admin(open_access(settings, database, clock), settings)
        except ConfigError as exc:
            yield problem(AREA, str(exc), "Mend it; all else works without it.")
        yield from check_inferred(settings)
    yield from check_triggers(desk)
    with database.read() as session:
        mode = mode_of(session, FAILURE_TICKETS) or settings.failure_tickets.mode.value
    if mode != Mode.OFF:
        yield from check_needs(desk)


def check_people(desk: HelpDesk, settings: Settings) -> Iterator[Finding]:
    """Whom the credential acts as; the queues of the rules and the people of the settings are there.

    Raises: AdapterError if the desk cannot be read.
    """
    builtin = settings.desk.kind == "builtin"
    if not builtin:
        yield _acting(desk, desk.me())
        for words in desk.warnings() if isinstance(desk, Warns) else ():
            yield warning(AREA, words)
    groups = set(desk.groups()) if Capability.GROUPS in desk.capabilities else None
    agents = {agent.email.lower(): agent for agent in desk.agents()}
    section = settings.failure_tickets
    wanted = {section.default_queue, *(rule.queue for rule in section.rules if rule.queue)}
    people = {(person.desk or person.email).lower(): person.name for person in settings.people}
    gone = [name for email, name in people.items() if email in agents and agents[email].state != "active"]
    if gone:
        yield problem(AREA, f"Not active in the desk: {', '.join(sorted(gone))}.", "Activate them, or take them out.")
    queues = sorted(wanted - groups) if groups is not None else []
    unknown = sorted(name for email, name in people.items() if email not in agents)
    if builtin and (missing := queues + unknown):  # it is given what it lacks when the bot starts
        yield warning(AREA, f"Not in the desk yet: {', '.join(missing)}.", "The bot adds them when it starts.")
    elif not agents and people:
        yield warning(AREA, f"{desk.title} shows no agents, so nobody can be looked for.", "Check the credential.")
    elif not builtin:
        yield from _missing(desk, queues, unknown)
    if not gone and not queues and not unknown:
        shown = f"all {len(wanted)} queues and " if groups is not None else ""
        yield ok(AREA, f"{desk.system}: {shown}all {len(people)} people are there.")


def check_address(settings: Settings) -> Iterator[Finding]:
    """The credential does not travel in the open."""
    parts = urlsplit(settings.desk.url or "")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield warning(AREA, f"{settings.desk.url} is not encrypted: others on the way read desk.token.", "Use https.")


def check_requester(customers: CustomerBook, settings: Settings) -> Iterator[Finding]:
    """The address that tickets are requested by is the team's, and belongs to no customer and to no single person."""
    requester = (settings.desk.requester or "").lower()
    domain = requester.rpartition("@")[2]
    owner = next((one.name for one in settings.people if requester in (one.email.lower(), one.desk)), None)
    if owner:
        words = f"desk.requester is {owner}'s own address: the desk may send them mail about every ticket."
        yield warning(AREA, words, "Use an address that stands for Handoff.")
    ours = {one.email.lower().rpartition("@")[2] for one in settings.people}
    if ours and domain not in ours:
        words = f"desk.requester is at {domain}, where nobody of [[people]] is: a customer must not be written to."
        yield warning(AREA, words, "Make sure that it is an address of your own.")
    if {Capability.CUSTOMERS, Capability.DOMAINS} <= customers.capabilities:
        try:
            found = customers.find_customer(domain=domain)
        except AdapterError as exc:
            yield warning(AREA, f"Whether {domain} belongs to a customer could not be looked up: {exc}")
            return
        if found is not None:
            words = f"desk.requester is at {domain}, which {customers.title} has as the domain of {found.name}."
            yield warning(AREA, words, "Unless that is your own organization, use another address.")


def check_admin(access: DeskAccess | None, settings: Settings) -> Iterator[Finding]:
    """Whether the administrative credential is there, answers, and is another one than the ordinary."""
    if access is None:
        yield ok(AREA, NO_ADMIN)
        return
    if secret(settings.desk, "admin_token") == secret(settings.desk, "token"):
        words = "desk.admin_token and desk.token are the same: everything may change agents, not access alone."
        yield warning(AREA, words, "Give desk.token a credential that may work on tickets only.")
    try:
        count = sum(1 for _ in access.agents())
    except AdapterError as exc:
        yield problem(AREA, f"desk.admin_token cannot read agents: {exc}", "Check it; all else works without it.")
    else:
        yield ok(AREA, f"desk.admin_token sees {count} agents.")


def check_inferred(settings: Settings) -> Iterator[Finding]:
    """Calls that were written without a reference page of the vendor, and so have to be checked by a person."""
    if calls := inferred_calls(settings.desk):
        words = f"Not checked against its vendor's reference: {', '.join(calls)}."
        yield warning(AREA, words, f"Run `handoff desk check {settings.desk.kind} --contract FILE`.")


def check_triggers(desk: HelpDesk) -> Iterator[Finding]:
    """The desk's own rules that could write to customers about our tickets."""
    if Capability.TRIGGERS not in desk.capabilities:
        words = f"{desk.title} cannot {ABILITY[Capability.TRIGGERS]}."
        yield warning(AREA, words, desk.by_hand[Capability.TRIGGERS])
        return
    try:
        names = list(desk.writing_triggers())
    except AdapterError as exc:
        yield warning(AREA, f"The triggers that could write to customers cannot be read: {exc}")
        return
    if names:
        words = f"Could write to customers about Handoff's tickets: {', '.join(names)}."
        yield warning(AREA, words, f"Restrict them in {desk.title}, or switch them off for tickets tagged handoff.")
    else:
        yield ok(AREA, "No trigger of the desk could write to customers about Handoff's tickets.")


def check_needs(desk: HelpDesk) -> Iterator[Finding]:
    """What failure tickets ask of a desk and this one cannot do: what a person does instead."""
    for one in (one for one in Capability if one in NEEDS - desk.capabilities):
        yield warning(AREA, f"{FAILURE_TICKETS}: {desk.title} cannot {ABILITY[one]}.", desk.by_hand[one])


def _acting(desk: HelpDesk, me: DeskAgent) -> Finding:
    who = f"{me.name} ({me.email or me.id}{f', {me.role}' if me.role else ''})"
    if me.state != "active":
        return problem(AREA, f"{desk.title} answers, but {who} is {me.state} there.", "Activate the integration user.")
    return ok(AREA, f"{desk.title} answers; the credential acts as {who}.")


def _missing(desk: HelpDesk, queues: list[str], unknown: list[str]) -> Iterator[Finding]:
    if queues:
        words = f"{desk.title} has no group {', '.join(queues)}, or shows it to our credential."
        yield problem(AREA, words, "Make it there, or name another under [failure_tickets].")
    if unknown:
        words = f"{desk.title} has no agent for {', '.join(unknown)}."
        yield problem(AREA, words, "Add them there, or set `desk` under [[people]] to the address they have there.")
