"""Runs in every state, as their messages, details and forms show them: invented people, a desk as teams have it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from automations.runs.card_types import Approval, RunCard, StepLine
from automations.words import PersonRef
from bot.views.access_forms import Begun, RoleChoice, offboard_form, on_duty_form, provision_form, suspend_form
from bot.views.run_details import run_details
from bot.views.runs import run_line_message, run_message, told_message
from bot.views.texts import Look
from bot.views.welcome import welcome_message
from bot.wire import MessageRef

AT: Final = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
LOOK: Final = Look(zone="Europe/Oslo")
INGRID: Final = PersonRef("ingrid@team.example", "Ingrid Holm", "U_LEAD1")
TOMAS: Final = PersonRef("tomas@team.example", "Tomas Berg", "U_LEAD2")
SAM: Final = PersonRef("sam@team.example", "Sam Okoro", "U_ADMIN")
BEN: Final = PersonRef("ben@team.example", "Ben Okafor", "U_AGENT2")
NADIA: Final = PersonRef("nadia.rahman@team.example", "Nadia Rahman")
HANDOFF: Final = PersonRef("handoff", "Handoff")
DIGEST: Final = "0123456789abcdef"


def minutes(count: int) -> datetime:
    """So many minutes after it began."""
    return AT + timedelta(minutes=count)


def step(number: int, kind: str, words: str, state: str = "planned", **more: Any) -> StepLine:
    """A step; `before` and `after` are given where they matter."""
    made = StepLine(number, kind, words, state, "active", "suspended", already=False, undo="Take it back")
    return replace(made, **more)


def verified(one: StepLine, at: int) -> StepLine:
    """The same step, read back at this minute."""
    return replace(one, state="verified", found=one.after, found_at=minutes(at))


def run(**more: Any) -> RunCard:
    """A run that waits for people, changed in what is named."""
    return replace(OFFBOARD, **more)


_BY_HAND = "Deactivate the account in the identity provider, under Directory, People."
LEAVING: Final = (
    step(1, "handoff.block", "Block in Handoff", before="free", after="blocked", urgent=True),
    step(2, "desk.suspend", "Suspend in Zendesk", urgent=True),
    step(3, "desk.sessions", "End all sessions in Zendesk", before="open", after="ended", undo="", urgent=True),
    step(4, "desk.token", "Revoke reporting script", before="alive", after="revoked", undo="", urgent=True),
    step(5, "desk.token", "Revoke nightly export", before="alive", after="revoked", undo="", urgent=True),
    step(6, "desk.group", "Out of the group Billing", before="in", after="out"),
    step(7, "desk.group", "Out of the group Tier 2", "verified", before="out", after="out", already=True,
         found="out", found_at=AT),
    step(8, "desk.tickets", "Hand 14 open tickets over to Tomas Berg", before="open", after="none", undo=""),
    step(9, "identity.account", "Identity provider", by_hand=_BY_HAND, owner=SAM, undo="", after="inactive"),
    step(10, "slack.account", "Slack account", by_hand="Deactivate the member in Slack's admin pages.", owner=SAM,
         before="", after="", undo=""),
    step(11, "desk.seat", "Free the seat in Zendesk", before="agent", after="none", needs=(8,)),
)  # fmt: skip
OFFBOARD: Final = RunCard(
    id=7,
    kind="offboard",
    title="Offboard Ben Okafor",
    state="proposed",
    subject=BEN,
    requested_by=INGRID,
    requested_at=AT,
    reason="Last day was Friday; the laptop is back.",
    facts=(
        ("Now", "agent in Zendesk, groups Billing; 2 tokens; last signed in 20 Nov 17:40"),
        ("Tickets", "14 open, to Tomas Berg (named as successor)"),
        ("Upstream", "not active in Okta since 20 Nov"),
    ),
    warnings=(
        "Ended sessions come back by signing in again.",
        "A revoked token cannot be brought back; a new one has to be made.",
        "Tickets that are handed over stay with their new assignee; give them back in the desk.",
    ),
    steps=LEAVING,
    approvals=(Approval(INGRID, AT),),
    needed=2,
    why_two="Taking somebody's access away takes two people.",
    brake="",
    digest=DIGEST,
    owner=INGRID,
    expires_at=minutes(480),
    can_suspend_now=True,
)
BOTH: Final = (Approval(INGRID, AT), Approval(TOMAS, minutes(6)))
_DONE = tuple(verified(one, 8) if not one.by_hand else one for one in LEAVING)
_STATED = tuple(
    replace(one, state="by_hand", stated_by=SAM, changed_at=minutes(50)) if one.by_hand else one for one in _DONE
)
_FAILED = replace(
    LEAVING[4],
    state="failed",
    error="Zendesk answered 403: this token belongs to an app of the account and only its owner may revoke it",
    owner=INGRID,
)
_HALF = tuple(
    _FAILED if one.number == 5 else replace(one, state="waiting", due_at=minutes(10_080)) if one.by_hand
    else replace(one, state="planned") if one.number == 11 else one
    for one in _DONE
)  # fmt: skip
JOINING: Final = (
    step(1, "desk.account", "Deliver an invitation to Zendesk to nadia.rahman@team.example", before="none",
         after="there", undo="Remove them from Zendesk"),
    step(2, "desk.role", "Role agent in Zendesk", before="none", after="agent", undo="", needs=(1,)),
    step(3, "desk.group", "Into the group Billing", before="out", after="in", needs=(1,)),
    step(4, "slack.group", "Into the Slack user group support-agents", by_hand="Add nadia.rahman@team.example to the "
         "user group support-agents in Slack, under People, User groups.", owner=SAM, before="", after="", undo=""),
    step(5, "invitation.accepted", "Accept the invitation to Zendesk", before="not yet", after="accepted", undo="",
         needs=(1,)),
    step(6, "desk.signed_in", "Sign in to Zendesk for the first time", before="not yet", after="signed in", undo="",
         needs=(1,)),
)  # fmt: skip
PROVISION: Final = run(
    id=9,
    kind="provision",
    title="Provision Nadia Rahman as agent",
    subject=NADIA,
    reason="Joins billing support on Monday.",
    facts=(
        ("Now", "nobody by this address in Zendesk"),
        ("Upstream", "active in Okta, group support-billing: agent"),
        ("Seats", "3 of 25 left"),
        ("In Slack", "not yet; provisioned by e-mail"),
    ),
    warnings=("An accepted invitation stays accepted; undoing takes the account away.",),
    steps=JOINING,
    approvals=(),
    needed=1,
    why_two="",
    can_suspend_now=False,
)
_INVITED = (
    *(verified(one, 2) for one in JOINING[:3]),
    replace(JOINING[3], state="by_hand", stated_by=SAM, changed_at=minutes(40)),
    replace(JOINING[4], state="waiting", found="not yet", found_at=minutes(60), due_at=minutes(10_080)),
    replace(JOINING[5], state="waiting", found="not yet", found_at=minutes(60), due_at=minutes(10_080)),
)
WAITING: Final = replace(PROVISION, state="running", steps=_INVITED, approvals=(Approval(INGRID, minutes(1)),))
PARTIAL: Final = run(state="partial", steps=_HALF, approvals=BOTH, can_suspend_now=False, can_undo=True,
                     settled_at=minutes(9))  # fmt: skip
DONE: Final = run(state="done", steps=tuple(one for one in _DONE if not one.by_hand), approvals=BOTH, can_undo=True,
                  can_suspend_now=False, settled_at=minutes(9))  # fmt: skip
LONG: Final = run(
    title="11 findings: groups",
    kind="findings",
    subject=None,
    reason="",
    warnings=(),
    facts=(("People", "40"),),
    state="running",
    approvals=BOTH,
    can_suspend_now=False,
    steps=tuple(
        _FAILED if n == 41 else replace(step(n, "desk.group", f"Person {n}: into the group Billing"),
                                        state="verified" if n < 38 else "in_progress" if n == 38 else "planned",
                                        found_at=AT if n < 38 else None)
        for n in range(1, 61)
    ),
)  # fmt: skip
_ROLES = (RoleChoice("agent"), RoleChoice("light agent"), RoleChoice("admin", privileged=True))
_ABOUT = MessageRef("C_ACCESS")


def shown(card: RunCard, *, first_post: bool = False) -> Any:
    """The message of a run."""
    return run_message(card, LOOK, first_post=first_post)


RUN_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "run_proposed": lambda: shown(OFFBOARD, first_post=True),
    "run_proposed_provision": lambda: shown(PROVISION, first_post=True),
    "run_proposed_for_another_owner": lambda: shown(run(requested_by=HANDOFF, approvals=()), first_post=True),
    "run_stopped": lambda: shown(run(brake="12 of 40 people at once", title="12 findings: left active", subject=None,
                                     kind="findings", can_suspend_now=False, why_two="It takes access from 12 people.",
                                     warnings=())),
    "run_refused": lambda: shown(run(state="refused", title="Provision", kind="provision", subject=NADIA, steps=(),
                                     facts=(), warnings=(), approvals=(), can_suspend_now=False, words=(
        "Zendesk has no seat left: 25 of 25 are taken. Free one by offboarding somebody, or buy one, and ask again. "
        "Nothing was changed."))),
    "run_approved": lambda: shown(run(state="approved", approvals=BOTH, can_suspend_now=False)),
    "run_running": lambda: shown(run(state="running", approvals=BOTH, can_suspend_now=False, steps=(
        *_DONE[:2], replace(LEAVING[2], state="stated"), replace(LEAVING[3], state="unknown", error="no answer"),
        replace(LEAVING[4], state="in_progress"), *LEAVING[5:]))),
    "run_waiting_invitation": lambda: shown(WAITING),
    "run_invitation_expired": lambda: shown(replace(WAITING, state="partial", can_undo=True, steps=(
        *_INVITED[:4], replace(_INVITED[4], state="failed", error="it was not accepted within 7 days"), _INVITED[5]))),
    "run_waiting_by_hand": lambda: shown(run(state="running", approvals=BOTH, can_suspend_now=False, steps=tuple(
        replace(one, state="waiting", due_at=minutes(10_080),
                error="Sam Okoro says it is done, but it still is 'active'" if one.number == 9 else "")
        if one.by_hand else one for one in _DONE))),
    "run_done": lambda: shown(DONE),
    "run_done_stated": lambda: shown(replace(DONE, steps=_STATED)),
    "run_done_provision": lambda: shown(replace(PROVISION, state="done", can_undo=True, steps=tuple(
        verified(one, 30) for one in JOINING if not one.by_hand))),
    "run_done_nothing_to_do": lambda: shown(replace(PROVISION, state="done", warnings=(), steps=tuple(
        replace(verified(one, 0), already=True) for one in JOINING[:3]),
        words="Nothing to change: everything is as it should be.")),
    "run_partial": lambda: shown(PARTIAL),
    "run_failed": lambda: shown(run(state="failed", approvals=BOTH, can_suspend_now=False, steps=tuple(
        replace(one, state="failed", error="Zendesk does not answer") for one in LEAVING[:2]))),
    "run_expired": lambda: shown(run(state="expired", can_suspend_now=False)),
    "run_cancelled": lambda: shown(run(state="cancelled", can_suspend_now=False)),
    "run_replaced": lambda: shown(run(state="replaced", replaced_by=9, can_suspend_now=False)),
    "run_replacing": lambda: shown(run(id=9, replaces=7)),
    "run_rolled_back": lambda: shown(replace(DONE, state="rolled_back", undone_by=12, can_undo=False, steps=tuple(
        replace(one, state="rolled_back", changed_at=minutes(8)) if one.undo else one for one in DONE.steps))),
    "run_undoing": lambda: shown(run(id=12, kind="undo", title="Undo RUN-7: Offboard Ben Okafor", undo_of=7,
                                     can_suspend_now=False, steps=LEAVING[5:6])),
    "run_suspended_review": lambda: shown(replace(DONE, id=8, kind="suspend", title="Suspend Ben Okafor now",
                                                  approvals=BOTH[:1], needed=1, review="wanted", steps=_DONE[:5],
                                                  reason="The laptop was stolen.")),
    "run_suspended_reviewed": lambda: shown(replace(DONE, id=8, kind="suspend", title="Suspend Ben Okafor now",
                                                    approvals=BOTH[:1], review="done", reviewed_by=TOMAS,
                                                    steps=_DONE[:5], reason="The laptop was stolen.")),
    "run_shadow": lambda: shown(run(mode="shadow", state="cancelled")),
    "run_long": lambda: shown(LONG),
    "run_details_first": lambda: run_details(PARTIAL, LOOK, 1),
    "run_details_last": lambda: run_details(LONG, LOOK, 99),
    "run_line": lambda: run_line_message("Tomas Berg confirmed: 2 of 2."),
    "run_told": lambda: told_message("RUN-9 is done: Nadia Rahman is an agent in Zendesk.", 9, "https://chat.example/9"),
    "run_told_private": lambda: told_message("RUN-7, Offboard Ben Okafor: this is yours to do by hand.", 7, None),
    "run_welcome": lambda: welcome_message("Nadia Rahman", LOOK),
    "form_provision": lambda: provision_form(_ROLES, ("Billing", "Tier 2"), Begun(), _ABOUT, remark="3 of 25 seats are "
                                             "left in Zendesk."),
    "form_provision_by_email": lambda: provision_form(_ROLES, ("Billing", "Tier 2"), Begun(
        email="nadia.rahman@team.example", role="agent", groups=("Billing",)), _ABOUT),
    "form_offboard": lambda: offboard_form(Begun(person="U_AGENT2"), _ABOUT),
    "form_suspend_now": lambda: suspend_form(OFFBOARD),
    "form_on_duty": lambda: on_duty_form(replace(PROVISION, state="done"), ("billing", "nights")),
}  # fmt: skip
"""Every view of a run by its golden file's name."""
