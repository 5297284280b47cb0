"""The entries of a message's menu, `/support new`, and the forms behind them.

What people type in Slack stays there; only what somebody sends with one of these forms is copied, as a new case or as
an internal note. Until a form is sent, nothing of the message is kept.
"""

from functools import partial

from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import Priority, case_ref, parse_case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets import manual
from automations.failure_tickets.card import case_rows, permalink
from automations.failure_tickets.manual import Origin, Wish
from automations.failure_tickets.moves import Outcome
from automations.words import person
from bot.grammar import SupportCommand
from bot.listeners.escalating import form_about, in_chain
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.tickets import open_form
from bot.slack_words import moment_of, plain_words
from bot.slack_words import permalink as link_to
from bot.views.create_form import MOST_CASES, Prefill, create_form, done_view, note_form
from bot.views.texts import written
from bot.wire import (
    FIELD_CASE,
    FIELD_CUSTOMER,
    FIELD_DETAILS,
    FIELD_NOTE,
    FIELD_ORIGIN,
    FIELD_PRIORITY,
    FIELD_REASON,
    FIELD_SUMMARY,
    CaseAct,
    CaseButton,
    MessageRef,
    Shortcut,
    WireError,
)
from storage import notifications
from storage.models import Case


def route(interaction: Interaction, _deps: Deps) -> Route:
    """Find what an entry of the menu opens. Raises WireError for one that this version does not know."""
    try:
        name = Shortcut(interaction.name)
    except ValueError as exc:
        raise WireError("This entry was made by another version of Handoff. Nothing was changed.") from exc
    return Route(f"shortcut {name}", partial(open_shortcut, name=name))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes a form that was sent. Raises WireError for one that this version does not know."""
    about = MessageRef.decode(interaction.value)
    match Shortcut(interaction.name):
        case Shortcut.ADD_NOTE:
            return Route(f"form {Shortcut.ADD_NOTE}", send_note)
        case name:
            return Route(f"form {name}", partial(send_case, about=about))


def open_shortcut(session: Session, turn: Turn, *, name: Shortcut) -> Answer:
    """Open the form of an entry. Escalating a message of a case is escalating that case.

    Raises: Refused; WireError for a message that is none.
    """
    asked = turn.interaction
    if asked.item is None or not asked.item.ts:
        raise Refused("Slack did not say which message this is about. Please try again.")
    about = MessageRef.decode(MessageRef(asked.channel, asked.item.ts, asked.item.thread_ts).encode())
    text = turn.deps.ctx.redactor.text(plain_words(asked.item.text, partial(_name, turn)))
    case_id = _case_of(session, about)
    match name:
        case Shortcut.ADD_NOTE:
            return _open_note(session, turn, about, text, case_id)
        case Shortcut.ESCALATE if case_id is not None:
            return open_form(session, turn, CaseButton(case_id, CaseAct.ESCALATE))
        case Shortcut.ESCALATE if (known := form_about(session, turn, about, text)) is not None:
            return known
        case _:
            form = create_form(Prefill(text), about, escalates=name is Shortcut.ESCALATE, remark=_no_priorities(turn))
            return Answer(f"opened the form of {name}", modal=form)


def open_new(_session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Open the form for what came by phone or in another channel; words after `new` are its summary."""
    about = MessageRef(turn.interaction.channel)
    form = create_form(Prefill(command.rest, asks_origin=True), about, remark=_no_priorities(turn))
    return Answer("opened the form of a new case", modal=form)


def send_case(session: Session, turn: Turn, *, about: MessageRef) -> Answer:
    """Open the case that a form was filled in for."""
    fields = turn.interaction.fields
    escalates = turn.interaction.name == Shortcut.ESCALATE
    if escalates and not fields.get(FIELD_REASON, "").strip():
        raise Refused("Please say in a sentence why this needs a lead.")
    priority = _priority(fields.get(FIELD_PRIORITY, ""))
    wish = Wish(
        summary=fields.get(FIELD_SUMMARY, ""),
        details=fields.get(FIELD_DETAILS, ""),
        customer=fields.get(FIELD_CUSTOMER, ""),
        origin=_origin(fields.get(FIELD_ORIGIN, "")),
        owner=_owner(turn),
        priority=priority,
        escalate_because=fields.get(FIELD_REASON, "") if escalates else _because(session, turn, priority),
        link=link_to(turn.deps.workspace_url, about.channel, about.ts, about.thread_ts),
    )
    return _shown(session, turn, manual.open_by_hand(session, wish, turn.interaction.key, turn.actor, turn.deps.ctx))


def send_note(session: Session, turn: Turn) -> Answer:
    """Copy the words of the form into the case that was chosen."""
    fields, ctx = turn.interaction.fields, turn.deps.ctx
    try:
        number = parse_case_ref(fields.get(FIELD_CASE, ""))
    except NotFound as exc:
        raise Refused("Please choose the case that the note belongs to.") from exc
    return _shown(session, turn, manual.add_note(session, number, turn.actor, fields.get(FIELD_NOTE, ""), ctx))


def _open_note(session: Session, turn: Turn, about: MessageRef, text: str, case_id: int | None) -> Answer:
    """Open the form with the cases it may be: the one whose thread this is, those of its group, then all open ones."""
    ctx, item = turn.deps.ctx, turn.interaction.item
    open_ones = Case.open_key.is_not(None)
    group = _group_of(session, about)
    own = [] if case_id is None else case_rows(session, ctx, open_ones, Case.id == case_id)
    near = [] if group is None else case_rows(session, ctx, open_ones, Case.group_id == group, limit=MOST_CASES)
    rows = [*own, *near, *case_rows(session, ctx, open_ones, limit=MOST_CASES)]
    unique = list({row.id: row for row in rows}.values())
    if not unique:
        raise Refused("There is no open case that a note could be added to. A closed one can be reopened.")
    author = _name(turn, item.user) if item and item.user else "An app"
    place = f" in #{item.place}" if item and item.place not in ("", "directmessage", "privategroup") else ""
    head = f"{author} wrote{place}, {written(moment_of(about.ts), turn.deps.look.zone)}:"
    remark = ctx.desk_cannot.get(Capability.AUTHORS, "")
    form = note_form(unique, own[0].id if own else None, f"{head}\n{text}", about, remark=remark)
    return Answer(f"opened the form of {Shortcut.ADD_NOTE}", modal=form)


def _because(session: Session, turn: Turn, priority: Priority | None) -> str:
    """Why a new case goes through the chain at once: somebody called it urgent, and escalation is on."""
    return "opened by hand as urgent" if priority is Priority.URGENT and in_chain(session, turn.deps) else ""


def _no_priorities(turn: Turn) -> str:
    """What a person should know who chooses a priority that the desk cannot show."""
    return turn.deps.ctx.desk_cannot.get(Capability.PRIORITIES, "")


def _case_of(session: Session, about: MessageRef) -> int | None:
    """The case whose message, or whose thread, this is."""
    number = _told(session, about, "case_id")
    return number if number is None or session.get(Case, number) is not None else None


def _group_of(session: Session, about: MessageRef) -> int | None:
    return _told(session, about, "group_id")


def _told(session: Session, about: MessageRef, what: str) -> int | None:
    for ts in filter(None, (about.ts, about.thread_ts)):
        found = notifications.find_by_message(session, about.channel, ts)
        number = found.data.get(what) if found is not None else None
        if isinstance(number, int):
            return number
    return None


def _name(turn: Turn, user: str) -> str:
    """Name a Slack user: a colleague, or who wrote the message; others stand for themselves."""
    if turn.chosen is not None and turn.chosen.actor.id == user:
        return turn.chosen.actor.name
    return person(user, turn.deps.ctx).name


def _shown(session: Session, turn: Turn, outcome: Outcome) -> Answer:
    """Show the result where the form was, which needs no channel that the bot is in."""
    ref, number = case_ref(outcome.case.id), outcome.case.id
    link = permalink(session, number) or turn.deps.ctx.case_url(number)
    return Answer(outcome.text, instead=done_view(ref, outcome.text, link))


def _owner(turn: Turn) -> str | None:
    """The e-mail of the person picked, None if nobody was. Raises Refused if it is nobody of the team."""
    if turn.chosen is None:
        return None
    if turn.chosen.why_not:
        raise Refused(f"{turn.chosen.actor.name} cannot own a case. {turn.chosen.why_not}")
    return turn.chosen.actor.email or turn.chosen.actor.id


def _origin(value: str) -> Origin:
    return Origin(value) if value in set(Origin) else Origin.SLACK


def _priority(value: str) -> Priority | None:
    return Priority(value) if value in set(Priority) else None
