"""Groups of cases: Claim all, Resolve all with one note, the list of cases with its pages, and Undo for all at once.

The list is a modal that is made anew in place: by its paging buttons, and after every act on one of its cases, with
what came of it on top.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.errors import NotFound, Refused
from automations.failure_tickets import group_acts
from automations.failure_tickets.asked import asked_fields
from automations.failure_tickets.group_acts import Many
from automations.failure_tickets.group_card import group_card, group_page
from automations.failure_tickets.placing import group_ref
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.forms import field_inputs, remarks
from bot.views.group_list import group_list, resolve_all_form
from bot.views.lists import sentence
from bot.views.undo import undo_offer_of
from bot.wire import DESK_FIELD, FIELD_NOTE, GroupAct, GroupButton, WireError
from storage.models import Case, CaseGroup


def route(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button or form about a group asks for. Raises WireError for a value that is not one of ours."""
    asked = GroupButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    kind = "form" if interaction.kind == "form" else "action"
    run = FORM if kind == "form" else ACTS[asked.act]
    return Route(f"{kind} {asked.act}", run, target=group_ref(asked.group_id))


def claim_all(session: Session, turn: Turn) -> Answer:
    """Claim what nobody has claimed, and say privately how many, and who has the others."""
    asked = GroupButton.decode(turn.interaction.value)
    done = group_acts.claim_all(session, asked.group_id, turn.actor, turn.deps.ctx)
    return _told(session, asked.group_id, done, turn)


def ask_for_note(session: Session, turn: Turn) -> Answer:
    """Open the form of Resolve all. Raises Refused if every case is closed, NotFound if there is no such group."""
    asked, ctx = GroupButton.decode(turn.interaction.value), turn.deps.ctx
    card = group_card(session, asked.group_id, ctx)
    if card.closed:
        raise Refused(f"Every case of {group_ref(card.id)} is closed already. Each can be reopened.")
    one = select(Case.id).where(Case.group_id == card.id, Case.open_key.is_not(None)).order_by(Case.id).limit(1)
    case_id = session.scalars(one).one()
    remark = remarks(ctx.desk_cannot.get(Capability.FIELDS, ""))
    form = resolve_all_form(card, *field_inputs(asked_fields(session, case_id, ctx)), *remark)
    return Answer(f"opened the form of {asked.act} for {group_ref(card.id)}", modal=form)


def resolve_all(session: Session, turn: Turn) -> Answer:
    """Close what is open, all with one note."""
    asked, given = GroupButton.decode(turn.interaction.value), turn.interaction.fields
    values = {name.removeprefix(DESK_FIELD): value for name, value in given.items() if name.startswith(DESK_FIELD)}
    note = given.get(FIELD_NOTE, "")
    done = group_acts.resolve_all(session, asked.group_id, turn.actor, note, values, turn.deps.ctx)
    if not done.changed:
        return Answer(done.text, errors={FIELD_NOTE: done.text[:300]})
    return _told(session, asked.group_id, done, turn)


def take_back(session: Session, turn: Turn) -> Answer:
    """Take an act on many back; what became of it takes the place of the private offer."""
    asked = GroupButton.decode(turn.interaction.value)
    done = group_acts.take_back_all(session, asked.group_id, asked.number, turn.actor, turn.deps.ctx)
    return Answer(done.text, message=sentence(done.text), replace=True)


def show_cases(session: Session, turn: Turn) -> Answer:
    """Open the first page of the list."""
    asked = GroupButton.decode(turn.interaction.value)
    page = group_page(session, asked.group_id, 1, turn.deps.ctx)
    return Answer(f"showed the cases of {group_ref(asked.group_id)}", modal=group_list(page))


def turn_page(session: Session, turn: Turn) -> Answer:
    """Show another page in the place of the one that was looked at."""
    asked = GroupButton.decode(turn.interaction.value)
    page = group_page(session, asked.group_id, asked.number, turn.deps.ctx)
    return Answer(f"showed page {page.page} of {group_ref(asked.group_id)}", view=group_list(page))


def in_list(run: Run) -> Run:
    """Make of a listener for a case's button one that also works inside the list: it answers by the list itself."""

    def pressed(session: Session, turn: Turn) -> Answer:
        answer = run(session, turn)
        try:
            here = GroupButton.decode(turn.interaction.view_value)
        except WireError:
            return answer
        if answer.modal is not None:
            return answer
        page = group_page(session, here.group_id, here.number, turn.deps.ctx)
        beside = answer.message if answer.channel else None
        return replace(answer, message=beside, view=group_list(page, said=answer.outcome))

    return pressed


ACTS: dict[GroupAct, Run] = {
    GroupAct.CLAIM_ALL: claim_all,
    GroupAct.RESOLVE_ALL: ask_for_note,
    GroupAct.SHOW: show_cases,
    GroupAct.PAGE: turn_page,
    GroupAct.BACK: turn_page,
    GroupAct.UNDO: take_back,
}
"""What each button does."""

FORM: Callable[[Session, Turn], Answer] = resolve_all
"""What sending the one form does."""


def _told(session: Session, group_id: int, done: Many, turn: Turn) -> Answer:
    """Say in private what came of it, in the group's channel, with an offer to take it back."""
    channel = session.scalar(select(CaseGroup.channel).where(CaseGroup.id == group_id))
    if channel is None:
        raise NotFound(f"There is no {group_ref(group_id)}.")
    if not done.changed or done.until is None:
        return Answer(done.text, message=sentence(done.text), channel=channel)
    value = GroupButton(group_id, GroupAct.UNDO, done.line).encode()
    offer = undo_offer_of(done.text, done.until, GroupAct.UNDO, value, turn.deps.look)
    return Answer(done.text, message=offer, channel=channel)
