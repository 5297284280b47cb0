"""All listeners, as tables, and how they hang on Bolt. One set for Socket Mode and for HTTP.

The tables are the registry: the manifest and the permission matrix are tested against them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from slack_bolt import Ack, App, BoltResponse

from automations.domain import Role, case_ref
from bot.grammar import SupportVerb
from bot.listeners import (
    access,
    changes,
    commands,
    conflicts,
    customers,
    escalating,
    escalations,
    findings,
    groups,
    home,
    reactions,
    report,
    report_buttons,
    runs,
    shortcuts,
    stuck,
    tickets,
    triage,
    undoing,
)
from bot.listeners.bolt import BotIdentity, make_bolt
from bot.listeners.exchange import Answer, Deps, Run
from bot.listeners.frame import DUPLICATE, Route, Router, button_of, handle, send
from bot.listeners.interaction import Interaction, read_action, read_command, read_event, read_form, read_shortcut
from bot.permission_matrix import MATRIX
from bot.views.forms import FORMS
from bot.wire import CASE_MORE, CaseAct, GroupAct, Shortcut, WireError
from bot.wire_customers import CHANGES_FORMS, CONFLICT_FORMS, ChangesAct, ConflictAct, ListAct
from bot.wire_escalation import ESCALATION_FORMS, ESCALATION_MORE, EscalationAct
from bot.wire_report import ReportAct, ReportForm
from bot.wire_runs import AccessForm, FindingAct, RunAct
from bot.wire_stuck import STUCK_FORMS, StuckAct
from bot.wire_triage import TriageAct

__all__ = [
    "ACTIONS",
    "COMMANDS",
    "EVENTS",
    "SHORTCUTS",
    "VIEWS",
    "BotIdentity",
    "Deps",
    "make_bolt",
    "register",
    "rows",
]

log = structlog.get_logger(__name__)

_ON_A_CASE = tuple(act for act in CaseAct if act is not CaseAct.UNDO)

ACTIONS: Mapping[str, Run] = dict.fromkeys((*_ON_A_CASE, CASE_MORE), groups.in_list(tickets.press))
"""Action id -> listener. The overflow menu's entries carry the act they stand for; Undo carries an offer."""

VIEWS: Mapping[str, Run] = dict.fromkeys(FORMS, tickets.send_form)
"""Callback id of a form -> listener."""

COMMANDS: Mapping[str, Router] = {
    "": commands.route,
    "-provision": access.route_provision,
    "-offboard": access.route_offboard,
    "-reconcile": access.route_reconcile,
    "-customers": customers.route,
    "-report": report.route_command,
    "-stuck": stuck.route_list,
    "-undo": undoing.route,
}
"""What follows the prefix in a slash command's name -> how to find its listener: `/support` alone, `/support-stuck`."""

SHORTCUTS: tuple[Shortcut, ...] = tuple(Shortcut)
"""Callback ids of the entries in a message's menu, which are those of their forms too."""

EVENTS: Mapping[str, Router] = {
    "app_home_opened": home.route,
    "app_mention": lambda _interaction, _deps: Route("event app_mention", commands.show_help),
    "reaction_added": reactions.route_added,
    "reaction_removed": reactions.route_removed,
}
"""Event type -> how to find its listener."""

OUTCOME: Final = "x-handoff-outcome"
"""The header of an answer over HTTP that says that nothing was done, since it was done already."""

_ANY = re.compile(r".*", re.DOTALL)


def rows() -> dict[str, Role | None]:
    """Give every row of the matrix that a registered listener can ask for, with the role it needs.

    Raises: KeyError if one has no row: a listener that nobody thought about must not run.
    """
    asked = {f"action {act}" for act in CaseAct} | {f"form {name}" for name in VIEWS}
    asked |= {f"command {verb}" for verb in SupportVerb} | {f"reaction {word}" for word in reactions.WORDS}
    asked |= {f"{kind} {name}" for name in SHORTCUTS for kind in ("shortcut", "form")}
    asked |= {f"action {act}" for act in GroupAct} | {f"form {GroupAct.RESOLVE_ALL}"}
    asked |= {f"action {act}" for act in StuckAct} | {f"form {act}" for act in STUCK_FORMS}
    asked |= {f"command {suffix.removeprefix('-')}" for suffix in COMMANDS if suffix}
    asked |= {f"action {act}" for act in (*RunAct, *FindingAct)}
    asked |= {f"form {name}" for name in (*AccessForm, *runs.FORMS, *findings.FORMS)}
    asked |= {f"action {act}" for act in ReportAct} | {f"form {ReportForm.ASK}"}
    asked |= {f"action {act}" for act in escalations.BUTTONS} | {f"form {act}" for act in ESCALATION_FORMS}
    asked |= {f"action {act}" for act in TriageAct} | {f"form {TriageAct.CHANGE}"}
    asked |= {f"action {act}" for act in (*ChangesAct, *ConflictAct, *ListAct)} | set(customers.ROWS.values())
    asked |= {f"form {name}" for name in (*CHANGES_FORMS, *CONFLICT_FORMS)}
    asked |= {f"event {name}" for name in EVENTS if not name.startswith("reaction_")}
    return {row: MATRIX[row] for row in sorted(asked)}


def register(app: App, deps: Callable[[], Deps]) -> None:
    """Hang every listener on the app; `deps` is asked anew for each interaction, since a reload replaces them.

    Raises: KeyError if a listener has no row in the permission matrix.
    """
    rows()
    for name, run in ACTIONS.items():
        app.action(name)(_listener(read_action, _router(run, "action"), deps))
    app.action(CaseAct.UNDO)(_listener(read_action, tickets.route_undo, deps))
    for act in GroupAct:
        app.action(act)(_listener(read_action, groups.route, deps))
    app.view(GroupAct.RESOLVE_ALL)(_listener(read_form, groups.route, deps))
    for one in StuckAct:
        app.action(one)(_listener(read_action, stuck.route_action, deps))
    for of_stuck in STUCK_FORMS:
        app.view(of_stuck)(_listener(read_form, stuck.route_form, deps))
    _register_access(app, deps)
    for button in ReportAct:
        app.action(button)(_listener(read_action, report_buttons.route, deps))
    app.view(ReportForm.ASK)(_listener(read_form, report.route_form, deps))
    for one_act in TriageAct:
        app.action(one_act)(_listener(read_action, triage.route_action, deps))
    app.view(TriageAct.CHANGE)(_listener(read_form, triage.route_form, deps))
    _register_escalations(app, deps)
    _register_customers(app, deps)
    app.action(_ANY)(_listener(read_action, _unknown, deps))
    for name, run in VIEWS.items():
        app.view(name)(_listener(read_form, _router(run, "form"), deps))
    for name in SHORTCUTS:
        app.view(name)(_listener(read_form, shortcuts.route_form, deps))
        app.shortcut(name)(_listener(read_shortcut, shortcuts.route, deps))
    app.view(_ANY)(_listener(read_form, _unknown_form, deps))
    app.shortcut(_ANY)(_listener(read_shortcut, shortcuts.route, deps))
    for suffix, router in COMMANDS.items():
        app.command(f"/{deps().look.prefix}{suffix}")(_listener(read_command, router, deps))
    for name, router in EVENTS.items():
        app.event(name)(_listener(read_event, router, deps))
    app.error(_failed)


def _register_access(app: App, deps: Callable[[], Deps]) -> None:
    for act in RunAct:
        app.action(act)(_listener(read_action, runs.route_action, deps))
    for name in runs.FORMS:
        app.view(name)(_listener(read_form, runs.route_form, deps))
    for one in FindingAct:
        app.action(one)(_listener(read_action, findings.route_action, deps))
    for one in findings.FORMS:
        app.view(one)(_listener(read_form, findings.route_form, deps))
    for form in AccessForm:
        app.view(form)(_listener(read_form, access.route_form, deps))


def _register_escalations(app: App, deps: Callable[[], Deps]) -> None:
    for name in (*escalations.BUTTONS, ESCALATION_MORE):
        app.action(name)(_listener(read_action, escalations.route_action, deps))
    for act in ESCALATION_FORMS:
        of_ticket = act is EscalationAct.ESCALATE_TICKET
        app.view(act)(_listener(read_form, escalating.route_form if of_ticket else escalations.route_form, deps))


def _register_customers(app: App, deps: Callable[[], Deps]) -> None:
    for act in ChangesAct:
        app.action(act)(_listener(read_action, changes.route_action, deps))
    for name in CHANGES_FORMS:
        app.view(name)(_listener(read_form, changes.route_form, deps))
    for one in ConflictAct:
        app.action(one)(_listener(read_action, conflicts.route_action, deps))
    for form in CONFLICT_FORMS:
        app.view(form)(_listener(read_form, conflicts.route_form, deps))
    for button in ListAct:
        app.action(button)(_listener(read_action, conflicts.route_list, deps))


def _listener(
    read: Callable[[Mapping[str, Any]], Interaction], router: Router, deps: Callable[[], Deps]
) -> Callable[[Ack, dict[str, Any]], BoltResponse | None]:
    def listen(ack: Ack, body: dict[str, Any]) -> BoltResponse | None:
        interaction = read(body)
        now = deps()
        answer = handle(interaction, now, router)
        if answer is DUPLICATE:
            return _already_done()
        _acknowledge(ack, answer)
        send(answer, interaction, now)
        home.after_click(interaction, now)
        return None

    return listen


def _already_done() -> BoltResponse:
    """Answer a second delivery: taken as the first was, so that Slack stops, with a header that says what it was."""
    return BoltResponse(status=200, body="", headers={OUTCOME: ["already done"]})


def _acknowledge(ack: Ack, answer: Answer) -> None:
    if answer.errors:
        ack(response_action="errors", errors=dict(answer.errors))
    elif answer.instead is not None:
        ack(response_action="update", view=answer.instead)
    else:
        ack()


def _router(run: Run, kind: str) -> Router:
    """Route a button, menu entry or form by the act it carries, which has to be its own."""

    def route(interaction: Interaction, _deps: Deps) -> Route:
        button = button_of(interaction)
        return Route(f"{kind} {button.act}", run, target=case_ref(button.case_id))

    return route


def _unknown(_interaction: Interaction, _deps: Deps) -> Route:
    raise WireError("This button was made by another version of Handoff. Nothing was changed.")


def _unknown_form(_interaction: Interaction, _deps: Deps) -> Route:
    raise WireError("This form was made by another version of Handoff. Nothing was changed.")


def _failed(error: Exception) -> BoltResponse:
    """Answer 500, which in Socket Mode means no acknowledgement; the log gets the trace and never the payload."""
    log.error("slack.listener_failed", error=type(error).__name__, exc_info=error)
    return BoltResponse(status=500, body="")
