"""Bringing files to Slack: each is shown once in the thread of its message, however often a call fails on the way.

Slack's file id is committed before any bytes leave, and "the call that shows it has left" before that call. Whoever
finds a row like that (after a crash, a lost answer) looks in Slack before calling again. An address that nobody
completed was shown to nobody: a new one takes its place. What Slack refuses for good is said in the thread, and
neither that nor any wait holds a message up.

The jobs go to the engine's queue `slack`, since that keeps the files of a channel in order and 1.1 s apart, in a
partition of their own beside the channel's: a file must not stand in front of the next message for as long as Slack
refuses files. A message can only come before its files, as there is no job for them until it has its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import NotFound, Rejected, Unavailable
from automations.ports import Clock, Jobs
from bot import delivery, picture_shown
from bot.delivery import PICTURE_REFUSED
from bot.engine import Args, JobSpec, Route
from bot.looking_back import is_shown
from bot.picture_shown import PictureShown
from bot.slack_errors import SYSTEM, AppDisabled, FileGone
from bot.slack_files import SlackFiles
from bot.upload_words import refused_line, why
from storage import audit, notifications, stuck, uploads
from storage.boundaries import reach
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import Notification

JOB: Final = "slack.upload"

NOT_YET_S: Final = 5.0
"""How long to wait for a message that has no place yet."""
GIVE_UP_S: Final = 1800.0
"""After this a person has to act; the files behind it go first then."""
LINE: Final = "team.line"
"""The kind of message that says which file is missing."""


@dataclass(frozen=True, slots=True)
class File:
    """What is uploaded: the file's name, a title for people, its bytes."""

    name: str
    title: str
    content: bytes


Drawers = Mapping[str, Callable[[Session, Mapping[str, Any]], File]]
"""What makes a file of each kind, from the row's `args` and the present state of what it is about."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One file as it was when we looked, and the place of its message."""

    key: str
    kind: str
    state: str
    file_id: str | None
    left_at: datetime | None
    notification: str
    channel: str
    thread_ts: str
    file: File


@dataclass(frozen=True, slots=True)
class Uploading:
    """Uploads what `storage.uploads` holds. Files of the kinds in `pictures` are shown in their message as well."""

    database: Database
    files: SlackFiles
    jobs: Jobs
    clock: Clock
    drawers: Drawers
    pictures: frozenset[str] = frozenset({"report.picture"})

    def specs(self) -> tuple[JobSpec, ...]:
        """The jobs, ready for the engine."""
        upload = JobSpec(
            name=JOB,
            queue="slack",
            partition=channel_of_files,
            advance=self.advance,
            target=lambda args: str(args["key"]),
            owner_of=lambda _session, _args: "",  # the default owner: whose channel it is, is not known here
            give_up_after_s=GIVE_UP_S,
        )
        return (upload, *PictureShown(self.database, self.files, self.jobs, self.clock).specs())

    def ask(self) -> int:
        """Ask for the upload of every file whose message has its place, once each. Says how many there are.

        Not for what waits in the failure queue, or was given up there: the engine forgets in time that it was asked.
        """
        with self.database.read() as session:
            due = [key for key in uploads.due(session) if self._given_up(session, key) not in ("open", "discarded")]
        for key in due:
            with self.database.begin() as session:
                self.jobs.enqueue(session, JOB, f"upload/{key}", {"key": key})
        return len(due)

    def _given_up(self, session: Session, key: str) -> str | None:
        return stuck.last_state(session, job=JOB, args={"key": key})

    def advance(self, args: Args) -> None:
        """Make Slack show the file `args["key"]` in the thread of its message, once.

        Raises: Unavailable, OutcomeUnknown of system "slack"; NotFound if there is no such file or kind of file.
        """
        key = str(args["key"])
        try:
            with alone(self.database, f"upload/{key}"):
                self._bring(key)
        except Occupied as exc:
            raise Unavailable("somebody else is at this file", system=SYSTEM) from exc

    def _bring(self, key: str) -> None:
        task = self._task(key)
        if task is None:
            return None
        try:
            if task.state == "sharing" and self._is_shown(task):
                return self._shared(task)
            file_id = task.file_id if task.state == "sharing" else None
            self._complete(task, file_id or self._send(task))
        except FileGone as exc:
            raise Unavailable(f"{exc}; it gets another address", system=SYSTEM) from exc
        except AppDisabled as exc:
            if exc.code != "missing_scope":  # that closes files only, and for good
                raise Unavailable(str(exc), system=SYSTEM, retry_after_s=delivery.DISABLED_PAUSE_S) from exc
            return self._refused(task, exc)
        except Rejected as exc:
            return self._refused(task, exc)
        return self._shared(task)

    def _task(self, key: str) -> _Task | None:
        """The file and what it is made of. None if it is shown or refused."""
        with self.database.read() as session:
            row = uploads.get(session, key)
            if row is None or row.kind not in self.drawers:
                raise NotFound(f"There is no file {key!r}, or nothing that makes its kind.")
            if row.state not in uploads.OPEN:
                return None
            message = session.get_one(Notification, row.notification)
            if message.ts is None or message.posted_channel is None:
                raise Unavailable("its message is not in Slack yet", system=SYSTEM, retry_after_s=NOT_YET_S)
            return _Task(
                key=key,
                kind=row.kind,
                state=row.state,
                file_id=row.file_id,
                left_at=row.shared_at,
                notification=row.notification,
                channel=message.posted_channel,
                thread_ts=message.ts,
                file=self.drawers[row.kind](session, row.args),
            )

    def _send(self, task: _Task) -> str:
        """Bring the bytes to a new address. Nobody sees them yet."""
        file = task.file
        file_id, address = self.files.address(file.name, len(file.content), alt=file.title)
        with self.database.begin() as session:
            if not uploads.named(session, task.key, file_id, before=task.file_id):
                raise Unavailable("somebody else has moved this file on", system=SYSTEM)
        reach("upload.named")
        self.files.send(address, file.content)
        reach("upload.sent")
        return file_id

    def _complete(self, task: _Task, file_id: str) -> None:
        """The one call that shows it."""
        with self.database.begin() as session:
            if not uploads.sharing(session, task.key, file_id, self.clock.now()):
                raise Unavailable("somebody else has moved this file on", system=SYSTEM)
        reach("upload.sharing")
        try:
            self.files.complete(file_id, title=task.file.title, channel=task.channel, thread_ts=task.thread_ts)
        except FileGone:
            with self.database.begin() as session:
                uploads.unnamed(session, task.key, file_id)
            raise
        reach("upload.shared")

    def _is_shown(self, task: _Task) -> bool:
        """Whether a call that left earlier has shown the file. Raises: Unavailable."""
        assert task.file_id is not None
        assert task.left_at is not None
        place = (task.channel, task.thread_ts)
        return is_shown(self.files, task.file_id, place, since=task.left_at, now=self.clock.now())

    def _shared(self, task: _Task) -> None:
        with self.database.begin() as session:
            audit.hold(session)  # before the row, as everywhere
            if uploads.shared(session, task.key):
                self.write_down(session, task, action="slack.file_shared", outcome="done", where=task.channel)
                if task.kind in self.pictures:
                    self.jobs.enqueue(session, picture_shown.JOB, f"picture/{task.key}", {"key": task.key})

    def _refused(self, task: _Task, error: Rejected) -> None:
        """Say in the thread which file is missing, and why. The message stands, and knows of its picture."""
        words = why(error)
        with self.database.begin() as session:
            audit.hold(session)
            if not uploads.refused(session, task.key, words):
                return
            self.write_down(session, task, action="slack.file_refused", outcome="refused", why=words)
            if task.kind in self.pictures and notifications.amend(session, task.notification, {PICTURE_REFUSED: True}):
                delivery.ask_for(session, self.jobs, task.notification)
            line = f"{task.key}/refused"
            said = {"text": refused_line(task.file.title, task.file.name, words)}
            where = {"channel": task.channel, "parent_key": task.notification}
            if notifications.put(session, key=line, kind=LINE, data=said, at=self.clock.now(), **where):
                delivery.ask_for(session, self.jobs, line)

    def write_down(self, session: Session, task: _Task, *, action: str, outcome: str, **after: str) -> None:
        """Audit what became of a file, in the transaction that keeps it."""
        audit.append(
            session,
            at=self.clock.now(),
            actor=HANDOFF.id,
            action=action,
            target=task.notification,
            outcome=outcome,
            correlation_id=task.notification,
            after={"file": task.key, **after},
        )


def channel_of_files(session: Session, args: Args) -> str:
    """What keeps its order: the files for one channel. Raises: NotFound if there is no such file."""
    row = uploads.get(session, str(args["key"]))
    if row is None:
        raise NotFound(f"There is no file {args['key']!r}.")
    return f"files/{delivery.thread_channel(session, {'key': row.notification})}"


ROUTES: Final = (Route(name=JOB, queue="slack", partition=channel_of_files), picture_shown.ROUTE)
"""All that somebody has to know who only asks for these jobs."""
