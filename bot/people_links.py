"""Who is who, as settled by a person: a row that joins somebody's e-mail to a Slack user and a desk agent.

It wins over the settings. A link that would give one Slack user or desk agent to two people is refused.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from automations.errors import ConfigError, NotFound, Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from storage import audit
from storage.models import PeopleLink
from storage.upsert import insert_into


def link(session: Session, email: str, ctx: Context, *, slack: str | None, desk: str | None, by: str) -> str:
    """Join a person to a Slack user, a desk agent or both; what is None stays as it was. Says what holds now.

    Raises: NotFound if nobody under [[people]] has the address; Refused if another person has what is asked for.
    """
    person = _person(email, ctx)
    audit.hold(session)
    before = session.get(PeopleLink, person)
    was = _plain(before)
    after = {"slack": slack or was["slack"], "desk": desk.lower() if desk else was["desk"]}
    given = {**after, "set_by": by, "set_at": ctx.clock.now()}
    row = insert_into(session, PeopleLink).values(email=person, **given)
    session.execute(row.on_conflict_do_update(index_elements=["email"], set_=given))
    session.expire_all()
    try:
        now = present(session, ctx).roster
    except ConfigError as exc:
        raise Refused(f"{exc} Nothing was changed.") from exc
    _write_down(session, person, ctx, "people.linked", by, was, after)
    one = now.by_email(person)
    assert one is not None, "who was found before is there"
    return f"{one.name} ({one.email}) is {one.slack or 'nobody yet'} in Slack and {one.desk or one.email} in the desk."


def clear(session: Session, email: str, ctx: Context, *, by: str) -> str:
    """Let the settings and equal e-mail addresses say again who somebody is. Raises: NotFound; Refused without a link.

    A link of somebody who is not under [[people]] any more can be cleared too.
    """
    audit.hold(session)
    before = session.get(PeopleLink, email.strip().lower())
    if before is None:
        raise Refused(f"There is no link of {email}. Nothing was changed.")
    was, person = _plain(before), before.email
    session.execute(delete(PeopleLink).where(PeopleLink.email == person))
    try:
        present(session, ctx)
    except ConfigError as exc:
        raise Refused(f"{exc} Nothing was changed.") from exc
    _write_down(session, person, ctx, "people.unlinked", by, was, {"slack": None, "desk": None})
    return f"{person} is who the settings and equal e-mail addresses say."


def _person(email: str, ctx: Context) -> str:
    person = ctx.roster.by_email(email.strip())
    if person is None:
        known = ", ".join(sorted(one.email for one in ctx.roster.people)) or "nobody yet"
        raise NotFound(f"Nobody under [[people]] has the address {email}. Known: {known}.")
    return person.email.lower()


def _plain(row: PeopleLink | None) -> dict[str, str | None]:
    return {"slack": row.slack if row else None, "desk": row.desk if row else None}


def _write_down(
    session: Session,
    email: str,
    ctx: Context,
    action: str,
    by: str,
    before: dict[str, str | None],
    after: dict[str, str | None],
) -> None:
    at = ctx.clock.now()
    audit.append(
        session,
        at=at,
        actor=by,
        action=action,
        target=email,
        outcome="done",
        correlation_id=f"people/{email}/{at.isoformat()}",
        before=before,
        after=after,
    )
