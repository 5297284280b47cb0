"""Edit and retry: what of stuck work a person may correct, with the present value, and how it is checked.

Arguments of jobs are ids and stay as they are. What was wrong is what they point to: the desk's group of a ticket, or
the channel of a message that never reached Slack. Everything else can be retried or given up, not edited.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import Actor, case_ref
from automations.errors import Refused
from automations.failure_tickets import unclear
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import SYNC
from automations.failure_tickets.moves import Act, perform
from automations.failure_tickets.placing import CARD, GROUP_CARD
from automations.posting import DELIVER
from automations.words import typed
from storage import notifications
from storage.models import Case, CaseGroup, Notification, StuckItem

MOST: Final = 255
_NOWHERE: Final = (Notification.ts.is_(None), Notification.attempt_at.is_(None))
"""A message that certainly is not in Slack."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What can be corrected: its label, the present value, and the values there are to choose from (none: any)."""

    label: str
    present: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()


def edit_of(session: Session, item: StuckItem, channels: Mapping[str, str]) -> Edit:
    """What of this item can be corrected; `channels` are the team's, id by name. Raises: Refused where nothing can."""
    if not may_edit(session, item):
        raise Refused("There is nothing in this work that a person could correct. Retry or Discard is left.")
    if item.job == SYNC:
        case = session.get_one(Case, int(item.args["case_id"]))
        return Edit("Group in the desk", case.queue, "As the desk spells it; the case keeps it.")
    row = session.get_one(Notification, str(item.args["key"]))
    choices = tuple((f"#{name}", id) for name, id in sorted(channels.items()))
    return Edit("Channel", row.channel, "Where this message goes from now on.", choices)


def may_edit(session: Session, item: StuckItem) -> bool:
    """Whether a person may correct something, as things are now."""
    check = _MAY.get(item.job)
    return check is not None and check(session, item)


def correct(
    session: Session, item: StuckItem, value: str, actor: Actor, ctx: Context, channels: Mapping[str, str]
) -> str:
    """Put the new value in the place of the present one, audited by the caller. Returns the one before.

    Raises: Refused if it is no value, or the same, or none there is.
    """
    edit = edit_of(session, item, channels)
    value = " ".join(typed(value, ctx).split())
    if not value or len(value) > MOST:
        raise Refused(f"Please give one value of at most {MOST} characters. Nothing was changed.")
    if value == edit.present:
        raise Refused(f"{edit.label} is {value} already. Nothing was changed; press Retry to try it as it is.")
    if edit.choices and value not in dict(edit.choices).values():
        known = ", ".join(name for name, _ in edit.choices)
        raise Refused(f"There is no such channel in the settings. Known: {known}. Nothing was changed.")
    if item.job == SYNC:
        _other_group(session, int(item.args["case_id"]), edit.present, value, actor, ctx)
    else:
        _other_channel(session, str(item.args["key"]), edit.present, value)
    return edit.present


def _other_group(session: Session, case_id: int, before: str, value: str, actor: Actor, ctx: Context) -> None:
    def decide(case: Case) -> Act | str:
        if case.queue != before:
            return f"The group of {case_ref(case.id)} is {case.queue} by now."
        text = f"changed the group in the desk from {before} to {value}, after the desk had refused it"
        return Act("stuck_edited", {"queue": value}, text, "changed the group", "")

    outcome = perform(session, case_id, actor, ctx, decide)
    if not outcome.changed:
        raise Refused(outcome.text)


def _other_channel(session: Session, key: str, before: str, value: str) -> None:
    moved = (
        update(Notification)
        .where(Notification.key == key, *_NOWHERE, Notification.channel == before)
        .values(channel=value)
        .returning(Notification.kind, Notification.data)
    )
    row = session.execute(moved, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        raise Refused("The message is in Slack already, or somebody was first. Nothing was changed.")
    _keep_channel(session, row.kind, row.data, before, value)


def _keep_channel(session: Session, kind: str, about: Mapping[str, int], before: str, value: str) -> None:
    """Let what a card is about keep the channel as well: each newer state of the card goes where that says."""
    if kind == CARD:
        session.execute(update(Case).where(Case.id == about["case_id"]).values(channel=value))
    elif kind == GROUP_CARD:
        number = about["group_id"]
        session.execute(update(CaseGroup).where(CaseGroup.id == number).values(channel=value))
        session.execute(update(Case).where(Case.group_id == number, Case.channel == before).values(channel=value))


def _ticket_may(session: Session, item: StuckItem) -> bool:
    """Not while nobody knows whether the ticket is there: that is settled first."""
    case_id = int(item.args["case_id"])
    return session.get(Case, case_id) is not None and not unclear.asked(session, case_id)


def _message_may(session: Session, item: StuckItem) -> bool:
    """A message that has a place, or may have, is edited there; a line stands where its thread does.

    One whose post may have arrived is looked for where it was sent: Retry does that.
    """
    row = notifications.get(session, str(item.args["key"]))
    nowhere = row is not None and row.ts is None and row.attempt_at is None
    return row is not None and nowhere and row.parent_key is None and row.channel[:1] not in "UW"


_MAY: Final[Mapping[str, Callable[[Session, StuckItem], bool]]] = {SYNC: _ticket_may, DELIVER: _message_may}
