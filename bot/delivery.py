"""Bringing a notification to Slack: one post, then edits of the same message, however often a call fails on the way.

Before each call the row says, committed, that a call is about to leave. Whoever finds it like that (after a crash, a
lost answer) looks in Slack for a message that bears our key, and posts only if there is none. What a message shows is
rendered at the last moment, so a storm of changes is one edit with the newest state.

A picture never stands in the way of its text: if Slack refuses a message whose data name a `picture` (a file's id),
the data lose it (`picture_refused`), and the message goes out without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from automations.errors import AdapterError, NotFound, OutcomeUnknown, Rejected, Unavailable
from automations.ports import Clock, Jobs
from bot.delivery_task import Task
from bot.engine import Args
from bot.gateway import SlackGateway
from bot.late import Late
from bot.looking_back import look_back
from bot.posted import write_down
from bot.slack_errors import SYSTEM, AppDisabled, MessageGone, TargetGone
from bot.slack_types import Posted
from bot.slack_words import belongs_in
from bot.views import Message
from storage import notifications
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Notification

JOB: Final = "slack.deliver"

DISABLED_PAUSE_S: Final = 30.0
STAYS: Final = frozenset({"report.card"})
"""Kinds that go to no other channel: their owner is told, and may try again."""
PICTURE: Final = "picture"
PICTURE_REFUSED: Final = "picture_refused"

Render = Callable[[Session, Notification], Message]
"""Makes the message of a notification from the present state of what it is about."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers notifications. `fallback_channel` gets what a channel refuses for good; None: a person has to act.

    `late` decides about messages that come late; without it they are as all others.
    """

    database: Database
    gateway: SlackGateway
    render: Render
    jobs: Jobs
    clock: Clock
    fallback_channel: Callable[[], str | None] = lambda: None
    belongs: Callable[[str], str] = belongs_in
    late: Late | None = None

    def advance(self, args: Args) -> str | None:
        """Make Slack show the newest state of the notification `args["key"]`.

        Lines of its thread that came earlier and still wait go first, one per step, whichever line this job was made
        for: jobs made in one transaction have no order among themselves. One that Slack refuses is left to its own job.
        Raises: Unavailable, OutcomeUnknown, Rejected of system "slack"; NotFound if there is no such notification.
        """
        key = str(args["key"])
        with self.database.read() as session:
            earlier = _earlier_line(session, key)
        if earlier is not None:
            try:
                self._deliver(earlier)
            except Rejected:
                pass
            else:
                return "earlier line"
        return None if self._deliver(key) else "without its picture"

    def stuck(self, session: Session, args: Args, reason: str) -> None:
        """The job has given up: say so on the row, so that a newer state starts a new job."""
        notifications.stuck(session, str(args["key"]), reason)

    def _deliver(self, key: str) -> bool:
        """True once Slack shows it; False where it has to be brought once more, without the picture it refused."""
        task = self._begin(key)
        if task is None:
            return True
        try:
            posted = self._bring(task)
        except OutcomeUnknown as exc:
            with self.database.begin() as session:
                notifications.unknown(session, key, str(exc))
            if exc.settle_s:  # the channel waits: a look before that would prove nothing
                raise Unavailable(str(exc), system=SYSTEM, retry_after_s=exc.settle_s) from exc
            raise
        except AdapterError as exc:
            with self.database.begin() as session:
                notifications.not_sent(session, key, str(exc))
                if pictured := task.has_picture and type(exc) is Rejected:  # neither the place nor the app
                    notifications.amend(session, key, {PICTURE: None, PICTURE_REFUSED: True})
            if pictured:
                return False
            if isinstance(exc, AppDisabled):  # nothing is lost while an admin mends it
                raise Unavailable(str(exc), system=SYSTEM, retry_after_s=DISABLED_PAUSE_S) from exc
            raise
        if posted is not None:
            self._store(task, posted)
        return True

    def _begin(self, key: str) -> Task | None:
        """Render, and commit that a call is about to leave. None if Slack shows the newest state already."""
        with self.database.begin() as session:
            row = notifications.get(session, key)
            if row is None:
                raise NotFound(f"There is no notification {key!r}.")
            if row.state == "delivered" and row.delivered_version == row.version:
                return None
            if self.late is not None and self.late.gathers(session, row):
                return None
            row = notifications.take(session, key, self.clock.now())
            parent = session.get(Notification, row.parent_key) if row.parent_key else None
            task = Task(
                key=key,
                version=row.version,
                channel=row.posted_channel or (parent.posted_channel if parent else None) or row.channel,
                wanted_channel=row.channel,
                ts=row.ts,
                thread_ts=parent.ts if parent else None,
                look_since=row.attempt_at if row.state == "unknown" else None,
                message=self._message(session, row),
                belongs=self.belongs(row.channel),
                has_picture=bool(row.data.get(PICTURE)),
                stays=row.kind in STAYS,
            )
        reach("slack.sending")
        return task

    def _message(self, session: Session, row: Notification) -> Message:
        message = self.render(session, row)
        return message if self.late is None else self.late.calm(session, row, message)

    def _bring(self, task: Task) -> Posted | None:
        """The one call that changes something in Slack, and the looks before it. None if something else tells it."""
        channel, ts = task.channel, task.ts
        if task.look_since is not None and (found := self._look_back(task, task.look_since)) is not None:
            if found.version == task.version:
                return found
            channel, ts = found.channel, found.ts
        self.database.still_ours()
        if ts is None:
            return None if task.look_since is not None and self._gathered(task) else self._post(task)
        try:
            self.gateway.update(channel, ts, task.message_for(channel), key=task.key, version=task.version)
        except MessageGone:  # deleted, or too old to edit: a new message takes its place
            return self._post(task)
        except TargetGone as exc:
            return self._post_elsewhere(task, exc)
        reach("slack.updated")
        return Posted(channel, ts, version=task.version)

    def _gathered(self, task: Task) -> bool:
        """Whether it is told by the summary of what is over, now that it is known that no earlier call arrived."""
        with self.database.begin() as session:
            row = notifications.get(session, task.key)
            return self.late is not None and row is not None and self.late.gathers(session, row, looked=True)

    def _look_back(self, task: Task, since: datetime) -> Posted | None:
        """What earlier calls of this notification left in Slack. Raises: Unavailable."""
        places = [(task.channel, task.thread_ts)]
        if task.thread_ts is not None:  # where a line goes once its thread is gone
            places.append((task.channel, None))
        if (fallback := self.fallback_channel()) is not None and task.channel != fallback:
            places.append((fallback, None))
        return look_back(self.gateway, task.key, places, since=since, now=self.clock.now())

    def _post(self, task: Task) -> Posted:
        try:
            return self._post_to(task, task.channel, task.thread_ts)
        except MessageGone:  # the thread is gone; the line still has to be read by somebody
            return self._post_to(task, task.channel, None)
        except TargetGone as exc:
            return self._post_elsewhere(task, exc)

    def _post_elsewhere(self, task: Task, refused: Rejected) -> Posted:
        if (fallback := self.fallback_channel()) is None or task.stays or task.channel == fallback:
            raise refused
        return self._post_to(task, fallback, None)

    def _post_to(self, task: Task, channel: str, thread_ts: str | None) -> Posted:
        message = task.message_for(channel)
        posted = self.gateway.post(channel, message, key=task.key, version=task.version, thread_ts=thread_ts)
        reach("slack.posted")
        return posted

    def _store(self, task: Task, posted: Posted) -> None:
        """Keep where the message is, audited if it is new, and ask for the deliveries that waited for that."""
        permalink, is_new = posted.permalink, (posted.channel, posted.ts) != (task.channel, task.ts)
        if is_new:
            try:
                permalink = self.gateway.permalink(posted.channel, posted.ts)
            except AdapterError:
                permalink = None  # a convenience, asked for again by nobody; the message itself is there
        with self.database.begin() as session:
            at = self.clock.now()
            pointing = write_down(session, task.key, posted, at) if is_new else []
            shown = notifications.delivered(session, task.key, task.version, posted.channel, posted.ts, permalink, at)
            for key in [*pointing, *shown]:
                ask_for(session, self.jobs, key)
        reach("slack.stored")


def ask_for(session: Session, jobs: Jobs, key: str) -> None:
    """Ask for the delivery of a notification as it is now."""
    jobs.enqueue(session, JOB, f"deliver/{key}/{notifications.version(session, key)}", {"key": key})


def thread_channel(session: Session, args: Args) -> str:
    """What keeps its order: the channel that the message, or the head of its thread, was meant for.

    Not where it went in the end: that may change, and two jobs of one thread must never run side by side.
    Raises: NotFound if there is no such notification.
    """
    row = notifications.get(session, str(args["key"]))
    if row is None:
        raise NotFound(f"There is no notification {args['key']!r}.")
    parent = session.get(Notification, row.parent_key) if row.parent_key else None
    return (parent or row).channel


def _earlier_line(session: Session, key: str) -> str | None:
    """The first line of the same thread before this one that waits for its own job, None if there is none."""
    line, earlier = aliased(Notification), aliased(Notification)
    return session.scalar(
        select(earlier.key)
        .join(line, (line.key == key) & (earlier.parent_key == line.parent_key) & (earlier.seq < line.seq))
        .where(earlier.job_pending, earlier.state.in_(("pending", "sending", "unknown")))
        .order_by(earlier.seq)
        .limit(1)
    )
