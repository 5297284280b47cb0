"""Bursts in a small team's world, and what became of them."""

from sqlalchemy import select

from storage.models import CaseGroup, Notification
from tests.automations.failure_tickets.world import World


def burst(world: World, count: int, *, start: int = 0, **changes: object) -> list[int]:
    """Let `count` failures of one outage open a case each."""
    return [world.open(dedup_key=f"burst-{number}", **changes) for number in range(start, start + count)]


def groups(world: World) -> list[CaseGroup]:
    with world.database.read() as session:
        return list(session.scalars(select(CaseGroup).order_by(CaseGroup.id)))


def messages(world: World) -> list[str]:
    """Keys of the messages that stand in a channel for cases."""
    with world.database.read() as session:
        kinds = Notification.kind.in_(("case.card", "group.card"))
        return sorted(session.scalars(select(Notification.key).where(kinds)))


def lines(world: World) -> list[Notification]:
    """The lines of groups' threads."""
    with world.database.read() as session:
        return list(
            session.scalars(select(Notification).where(Notification.kind == "group.line").order_by(Notification.seq))
        )


def posted(world: World, key: str) -> None:
    """Slack has this message."""
    with world.begin() as session:
        row = session.get_one(Notification, key)
        row.ts, row.posted_channel, row.permalink = "1.2", row.channel, f"https://chat.example/{key}"
        row.state, row.delivered_version, row.job_pending = "delivered", row.version, False
