"""The one frame around every listener: durable first, then acknowledged, then answered.

1. Before the transaction: find the listener, ask who the person is (cached, under a second).
2. One transaction: the inbox row (a second delivery ends here, without effect), whether the person was blocked
   meanwhile, the role, the effect, the outcome. A refusal undoes the effect, and is audited in the same transaction.
3. The caller acknowledges only after the commit. An exception leaves nothing behind and is not acknowledged, so that
   Slack delivers an event again.
4. After that the answer goes out, best effort.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.orm import Session

from automations.access.blocks import blocked
from automations.errors import NotFound, Refused
from automations.failure_tickets.asked import FieldMissing
from automations.failure_tickets.present import present
from automations.failure_tickets.undo import Over
from bot.escalation_parts import as_of
from bot.grammar import UsageError
from bot.grammar_duty import USER_ID, mentioned
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.interaction import Interaction
from bot.permissions import Identity, refusal
from bot.views import Modal
from bot.views.forms import FORMS
from bot.views.lists import notice, sentence
from bot.wire import DESK_FIELD, FIELD_TO, CaseAct, CaseButton, WireError
from bot.wire_customers import CHANGES_FORMS, CONFLICT_FORMS
from bot.wire_escalation import ESCALATION_FORMS
from bot.wire_report import FIELD_PLACE, ReportForm
from bot.wire_runs import FIELD_PERSON, FIELD_SUCCESSOR
from storage import audit, inbox
from storage.boundaries import reach

log = structlog.get_logger(__name__)

MOST_NAMED = 2
"""People that a command may name: who it is about, and who follows them."""
DUPLICATE = Answer("duplicate")
NOT_OURS = Answer("ignored: nothing Handoff acts on")


@dataclass(frozen=True, slots=True)
class Route:
    """Where an interaction goes.

    `row` names its line in the permission matrix, `target` what a refusal is about. `quiet`: somebody without the role
    is passed over in silence, since nothing was asked for. `refuse` answers a refusal where a message would be wrong;
    `once` names a lack of rights that is explained only the first time (None: every time).
    """

    row: str
    run: Run
    target: str = "handoff"
    quiet: bool = False
    refuse: Callable[[str], Answer] | None = None
    once: str | None = None


Router = Callable[[Interaction, Deps], Route | None]
"""Finds the route, None for what is not ours. Raises WireError or UsageError with words for the person."""


def handle(interaction: Interaction, deps: Deps, router: Router) -> Answer:
    """Take one interaction through the frame. Raises whatever the database raises; then nothing has happened."""
    problem = ""
    route: Route | None = None
    with deps.database.read() as session:
        deps = _present(session, deps)
    deps = replace(deps, permissions=deps.permissions.under(roster=deps.ctx.roster))
    try:
        route = router(interaction, deps)
    except (WireError, UsageError) as exc:
        problem = str(exc)
    identity = deps.permissions.identify(interaction.user, interaction.team) if route or problem else None
    named = deps.permissions.identify_all(_named(interaction))
    record = deps.ctx.redactor.tree(interaction.record())
    with deps.database.begin(urgent=True) as session:
        if not _put(session, interaction, record, deps):
            return DUPLICATE
        if identity is None:
            answer = NOT_OURS
        else:
            gone = blocked(session)
            identity = identity.unless(gone)
            named = {user: one.unless(gone) for user, one in named.items()}
            if route is None:
                answer = _refused(session, interaction, identity, deps, problem, None)
            else:
                turn = Turn(interaction, identity.actor, _present(session, deps), named)
                answer = _run(session, route, turn, identity)
        inbox.settle(session, interaction.key, deps.ctx.redactor.text(answer.outcome))
        reach("click.before_commit")
    reach("click.committed")
    log.info("slack.interaction", kind=interaction.kind, name=interaction.name, outcome=_in_a_word(answer))
    return answer


def send(answer: Answer, interaction: Interaction, deps: Deps) -> None:
    """Let the answer go out. Called after the acknowledgement; returns at once."""
    if answer.view is not None:
        deps.after.update_view(interaction.view_id, answer.view)
        if answer.message is not None and answer.channel:
            deps.after.ephemeral(answer.channel, interaction.user, answer.message)
    elif answer.fill is not None and interaction.view_type == "modal":
        deps.after.fill_view(interaction.view_id, answer.fill)
    elif answer.modal is not None:
        _open(answer.modal, interaction, deps, answer.fill)
    elif answer.home is not None:
        deps.after.publish_home(interaction.user, answer.home)
    elif answer.message is not None and interaction.response_url:
        deps.after.respond(interaction.response_url, answer.message, replace=answer.replace)
    elif answer.message is not None and (channel := interaction.channel or answer.channel):
        deps.after.ephemeral(channel, interaction.user, answer.message)
    elif answer.message is not None and interaction.view_id:
        _open(notice(answer.message), interaction, deps)


def _open(view: Modal, interaction: Interaction, deps: Deps, fill: Callable[[], Modal] | None = None) -> None:
    """Open a modal, on top of the one in which the click was if there is one. `fill` makes what takes its place."""
    if interaction.view_type == "modal":
        deps.after.push_view(interaction.trigger_id, view)
    elif fill is not None:
        deps.after.open_and_fill(interaction.trigger_id, view, fill)
    else:
        deps.after.open_view(interaction.trigger_id, view)


def _put(session: Session, interaction: Interaction, record: Mapping[str, Any], deps: Deps) -> bool:
    kind, actor, now = f"slack.{interaction.kind}", interaction.user or "nobody", deps.ctx.clock.now()
    return inbox.put(session, key=interaction.key, kind=kind, actor=actor, body=record, at=now)


def _run(session: Session, route: Route, turn: Turn, identity: Identity) -> Answer:
    if why_not := refusal(identity, route.row):
        if route.quiet:
            return NOT_OURS
        return _refused(session, turn.interaction, identity, turn.deps, why_not, route)
    try:
        with session.begin_nested():
            return route.run(session, turn)
    except (Refused, NotFound, WireError) as exc:
        answer = _refused(session, turn.interaction, identity, turn.deps, str(exc), replace(route, once=None))
        if isinstance(exc, FieldMissing) and answer.errors:
            return replace(answer, errors={f"{DESK_FIELD}{exc.field}": str(exc)[:300]})
        return replace(answer, replace=isinstance(exc, Over))  # its button goes, as it can do nothing any more


def _refused(
    session: Session, interaction: Interaction, identity: Identity, deps: Deps, why: str, route: Route | None
) -> Answer:
    """Write the refusal down and find the words for the person. What nobody can read (no `route`) is refused likewise.

    A look that has a refusal of its own to show (the Home tab) asked for nothing to be done, and leaves no audit row.
    """
    outcome = f"refused: {why}"
    if route is not None and route.refuse is not None:
        return route.refuse(why)
    audit.append(
        session,
        at=deps.ctx.clock.now(),
        actor=identity.actor.email or identity.actor.id,
        action="click.refused",
        target=route.target if route else "handoff",
        outcome="refused",
        correlation_id=interaction.key,
        after=deps.ctx.redactor.tree({"what": route.row if route else interaction.name, "why": why}),
    )
    if interaction.kind == "form":
        if not (field := _field(interaction)):
            return Answer(outcome, instead=notice(sentence(why)))
        return Answer(outcome, errors={field: why[:300]})
    if route is not None and route.once is not None and not _first_time(session, route.once, identity, deps):
        return Answer(outcome)
    return Answer(outcome, message=sentence(why))


def _first_time(session: Session, once: str, identity: Identity, deps: Deps) -> bool:
    now = deps.ctx.clock.now()
    return inbox.put(session, key=once, kind="slack.explained", actor=identity.actor.id, body={}, at=now)


def _field(interaction: Interaction) -> str:
    """Name the field at which a form shows an error: the one its act asks for, else the first that came back.

    Empty for a form without fields, in whose place the words are shown.
    """
    forms = (*FORMS.items(), *ESCALATION_FORMS.items(), (ReportForm.ASK, FIELD_PLACE))
    known = {str(act): field for act, field in forms}
    otherwise = "" if interaction.name in (*CHANGES_FORMS, *CONFLICT_FORMS) else "note"
    return known.get(interaction.name, next(iter(interaction.fields), otherwise))


def _present(session: Session, deps: Deps) -> Deps:
    """The same with the team as it is now."""
    ctx = present(session, deps.ctx)
    access = deps.access and replace(deps.access, roster=ctx.roster)
    customers = deps.customers and replace(deps.customers, roster=ctx.roster)
    report = replace(deps.report, roster=ctx.roster)
    triage = replace(deps.triage, roster=ctx.roster)
    escalation = as_of(deps.escalation, ctx)
    return replace(
        deps,
        ctx=ctx,
        access=access,
        customers=customers,
        report=report,
        triage=triage,
        escalation=escalation,
    )


def _named(interaction: Interaction) -> list[str]:
    """Whom to ask Slack about before the transaction, so that it need not wait for that; each once, in order.

    Who was picked in a form, mentioned in a command, or wrote a message that a shortcut was used on.
    """
    picked = [interaction.fields.get(field, "") for field in (FIELD_TO, FIELD_PERSON, FIELD_SUCCESSOR)]
    spoken_of = mentioned(interaction.value)[:MOST_NAMED] if interaction.kind == "command" else ()
    author = interaction.item.user if interaction.item else ""
    return [user for user in dict.fromkeys((*picked, *spoken_of, author)) if USER_ID.fullmatch(user)]


def _in_a_word(answer: Answer) -> str:
    """Say for the log what came of it; the words, which may repeat what somebody typed, stay in the inbox."""
    word = answer.outcome.partition(":")[0]
    return word if word in ("duplicate", "ignored", "refused") else "done"


def button_of(interaction: Interaction) -> CaseButton:
    """Read what a button, menu entry or form carries. Raises WireError if it carries nothing known, or not its own."""
    button = CaseButton.decode(interaction.value)
    if interaction.name in set(CaseAct) and interaction.name != button.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return button
