"""Acts on all cases of a group at once: claim all, resolve all, and taking either back.

Each case moves by the same act as if it were the only one, with its own line of history and audit row, so whoever was
faster stays first. The group's thread is told once. A large group is done in batches, each one transaction: the first
at the click, the others by a job, for which the line in the thread keeps what is left to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from automations.domain import Actor, CaseStatus, Role, case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets import closing, group_life, life, offers, undo
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import group_key, group_ref
from automations.posting import put_and_deliver
from automations.words import identity, typed, who
from storage import audit, notifications
from storage.models import Case, CaseGroup, UndoOffer

BATCH: Final = 50
"""Cases that one transaction moves."""
JOB: Final = "group.act"
CLAIM, RESOLVE, UNDO = "claim", "resolve", "undo"
PAST: Final = {CLAIM: "claimed", RESOLVE: "resolved", UNDO: "took back what was done to"}


@dataclass(frozen=True, slots=True)
class Many:
    """What came of an act on many. `text` is for the one who asked; `line` is the number that Undo goes by."""

    changed: bool
    text: str
    line: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def claim_all(session: Session, group_id: int, actor: Actor, ctx: Context) -> Many:
    """Claim every case of the group that nobody has claimed. What somebody has already stays theirs, and is said."""
    return _begin(session, group_id, actor, {"verb": CLAIM, "note": "", "fields": {}}, ctx)


def resolve_all(
    session: Session, group_id: int, actor: Actor, note: str, fields: Mapping[str, str], ctx: Context
) -> Many:
    """Close every case of the group that is open, all with one note and the same values for the desk's fields.

    Raises: Refused without a note, or if a field of the desk has no value or none it knows.
    """
    asked = {"verb": RESOLVE, "note": typed(note, ctx), "fields": ctx.redactor.tree(dict(fields))}
    return _begin(session, group_id, actor, asked, ctx)


def take_back_all(session: Session, group_id: int, line: int, actor: Actor, ctx: Context) -> Many:
    """Take back the act on many whose line in the thread has this number, case by case.

    Where somebody has acted since, that case is left as it is, and counted.
    """
    row = notifications.get(session, f"{group_key(group_id)}/line/{line}")
    if row is None or "verb" not in row.data or row.data["verb"] == UNDO:
        raise NotFound("There is nothing here that could be taken back.")
    if row.data["actor"] != identity(actor):
        raise Refused(f"Only {who(row.data['actor'], ctx)} can take that back. Nothing was changed.")
    if row.data["left"]:
        raise Refused("That is still being done. Please try again in a few seconds; nothing was changed by this.")
    return _begin(session, group_id, actor, {"verb": UNDO, "stamps": row.data["stamps"]}, ctx)


def go_on(session: Session, key: str, ctx: Context) -> bool:
    """Do the next batch of the act that the line `key` tells of. True if there is more to do."""
    audit.hold(session)
    row = notifications.get(session, key)
    if row is None or not row.data.get("left"):
        return False
    told = dict(row.data)
    group = session.get_one(CaseGroup, told["group_id"], populate_existing=True)
    actor = Actor(told["actor"], who(told["actor"], ctx), told["actor"], Role.AGENT)
    _batch(session, group, actor, told, ctx)
    _tell(session, group, row.key, told, ctx)
    return bool(told["left"])


def _begin(session: Session, group_id: int, actor: Actor, asked: dict[str, Any], ctx: Context) -> Many:
    audit.hold(session)
    group = session.get(CaseGroup, group_id, populate_existing=True)
    if group is None:
        raise NotFound(f"There is no {group_ref(group_id)}.")
    told = (
        {"stamps": []} | asked | {"group_id": group_id, "actor": identity(actor), "done": 0, "skipped": [], "after": 0}
    )
    told["at"], told["left"] = ctx.clock.now().isoformat(), _count(session, _wanted(group_id, told))
    others = _others(session, group_id, actor, ctx) if asked["verb"] == CLAIM else ""
    if not told["left"]:
        return Many(changed=False, text=f"{_nothing(asked['verb'], group_id)}{others}")
    _batch(session, group, actor, told, ctx)
    if not told["done"] and not told["left"]:
        return Many(changed=False, text=f"{_nothing(asked['verb'], group_id)}{others}")
    line = group_life.say(session, group_id, group.channel, actor, "", ctx)
    _tell(session, group, line, told, ctx)
    if told["left"]:
        ctx.jobs.enqueue(session, JOB, f"{line}/act", {"key": line})
    verb = {CLAIM: "claimed_all", RESOLVE: "resolved_all", UNDO: "undone_all"}[told["verb"]]
    group_life.write_audit(session, group, verb, actor, ctx, after={"cases": told["done"], "left": told["left"]})
    until = ctx.clock.now() + ctx.timing.undo_for if told["verb"] != UNDO and ctx.timing.undo_for else None
    return Many(True, f"{_answer(told)}{others}", int(line.rpartition("/")[2]), until)


def _batch(session: Session, group: CaseGroup, actor: Actor, told: dict[str, Any], ctx: Context) -> None:
    """Move the next cases, one after the other; one that cannot be moved is passed over and counted.

    All of a batch happens at one moment, by which its offers of Undo are found again.
    """
    moment = _Moment(ctx.clock.now())
    as_one = replace(ctx, as_one=True, clock=moment)
    ids = list(session.scalars(_wanted(group.id, told).order_by(Case.id).limit(BATCH)))
    for case_id in ids:
        try:
            with session.begin_nested():
                changed = _one(session, case_id, actor, told, as_one)
        except (Refused, NotFound) as exc:
            if told["verb"] != UNDO and not told["done"]:
                raise
            told["skipped"] = [*told["skipped"], f"{case_ref(case_id)}: {exc}"][:5]
            changed = False
        told["done"] += changed
    if told["verb"] != UNDO:
        told["stamps"] = [*told["stamps"], moment.at.isoformat()]
    told["after"] = ids[-1] if ids else told["after"]
    told["left"] = _count(session, _wanted(group.id, told))
    group.ticket_wanted += 1
    session.flush()
    group_life.request_sync(session, group, ctx)


def _one(session: Session, case_id: int, actor: Actor, told: Mapping[str, Any], ctx: Context) -> bool:
    match told["verb"]:
        case "claim":
            return life.claim(session, case_id, actor, ctx).changed
        case "resolve":
            return closing.resolve(session, case_id, actor, told["note"], ctx, told["fields"]).changed
        case _:
            newest = _offers(told).where(UndoOffer.case_id == case_id).order_by(UndoOffer.id.desc()).limit(1)
            offer = session.scalar(newest)
            return offer is not None and undo.take_back(session, offer, actor, ctx).changed


def _wanted(group_id: int, told: Mapping[str, Any]) -> Any:
    """The cases that are still to be moved."""
    which: ColumnElement[bool] = Case.open_key.is_not(None)
    if told["verb"] == CLAIM:
        which = Case.status == CaseStatus.OPEN.value
    elif told["verb"] == UNDO:
        which = Case.id.in_(_offers(told).with_only_columns(UndoOffer.case_id))
    return select(Case.id).where(Case.group_id == group_id, Case.id > told["after"], which)


def _offers(told: Mapping[str, Any]) -> Any:
    stamps = [datetime.fromisoformat(at) for at in told["stamps"]]
    mine = UndoOffer.actor == told["actor"], UndoOffer.at.in_(stamps), UndoOffer.state == offers.OPEN
    return select(UndoOffer.id).where(*mine)


def _tell(session: Session, group: CaseGroup, key: str, told: Mapping[str, Any], ctx: Context) -> None:
    """Let the one line in the thread say how far it is."""
    text = f"{PAST[told['verb']]} {_number(told['done'])}"
    if told["left"]:
        text += f" so far, {told['left']} to go"
    if told.get("note"):
        text += f": {told['note']}"
    put_and_deliver(
        session,
        ctx,
        key=key,
        kind=group_life.LINE,
        channel=group.channel,
        data={**told, "text": text, "mention": None},
        at=ctx.clock.now(),
        parent_key=group_key(group.id),
    )


def _answer(told: Mapping[str, Any]) -> str:
    done = told["done"]
    words = {
        CLAIM: f"{_number(done)} {'is' if done == 1 else 'are'} yours.",
        RESOLVE: f"{_number(done)} {'is' if done == 1 else 'are'} closed.",
        UNDO: f"Taken back for {_number(done)}.",
    }[told["verb"]]
    if told["left"]:
        words += f" The other {told['left']} follow within a minute."
    if told["skipped"]:
        words += f" Left as they are: {' '.join(told['skipped'])}"
    return words


def _others(session: Session, group_id: int, actor: Actor, ctx: Context) -> str:
    """Say who has claimed cases of the group already."""
    theirs = Case.group_id == group_id, Case.claimed_by.is_not(None), Case.claimed_by != identity(actor)
    counted = select(Case.claimed_by, func.count()).where(*theirs).group_by(Case.claimed_by).order_by(Case.claimed_by)
    named = [f"{who(by, ctx)} has {number}" for by, number in session.execute(counted)]
    return f" Claimed before: {', '.join(named)}." if named else ""


def _nothing(verb: str, group_id: int) -> str:
    words = {
        CLAIM: f"There is nothing to claim: no case of {group_ref(group_id)} is open and unclaimed.",
        RESOLVE: f"There is nothing to resolve: every case of {group_ref(group_id)} is closed.",
        UNDO: "There is nothing left to take back: it is too late, or others have acted since.",
    }
    return words[verb]


def _number(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"


def _count(session: Session, rows: Any) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
