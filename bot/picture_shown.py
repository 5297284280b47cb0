"""Showing a picture that was uploaded in its message too, as soon as Slack is able to.

A file that was just uploaded is not yet a picture for a message: Slack looks at it first, and answers `invalid_blocks`
until then (slackapi/python-slack-sdk#1521). A message whose picture Slack refuses all the same goes out without it;
see `bot.delivery`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from automations.errors import NotFound, Rejected, Unavailable
from automations.ports import Clock, Jobs
from bot import delivery
from bot.delivery import PICTURE, PICTURE_REFUSED
from bot.engine import Args, JobSpec, Route
from bot.slack_errors import SYSTEM
from bot.slack_files import SlackFiles
from storage import notifications, uploads
from storage.engine import Database

JOB: Final = "slack.show_picture"
ROUTE: Final = Route(name=JOB, queue="jobs")

READY_FOR: Final = timedelta(seconds=60)
READY_EVERY_S: Final = 5.0
"""How long, and how often, a picture is asked after."""


@dataclass(frozen=True, slots=True)
class PictureShown:
    """Edits the message of a picture once the picture is in Slack."""

    database: Database
    files: SlackFiles
    jobs: Jobs
    clock: Clock

    def specs(self) -> tuple[JobSpec, ...]:
        """The job, ready for the engine. It waits in a queue where it holds nobody up."""
        return (
            JobSpec(
                name=JOB,
                queue=ROUTE.queue,
                advance=self.advance,
                target=lambda args: str(args["key"]),
                owner_of=lambda _session, _args: "",
            ),
        )

    def advance(self, args: Args) -> None:
        """Put the picture `args["key"]` into its message. Where Slack never says it is ready, a minute is enough.

        Raises: Unavailable while Slack looks at it; NotFound if there is no such picture in Slack.
        """
        with self.database.read() as session:
            row = uploads.get(session, str(args["key"]))
            message = notifications.get(session, row.notification) if row is not None else None
        if row is None or message is None or row.file_id is None or row.shared_at is None:
            raise NotFound(f"There is no picture {args['key']!r} in Slack.")
        if message.data.get(PICTURE) == row.file_id or message.data.get(PICTURE_REFUSED):
            return
        if not self._is_ready(row.file_id) and self.clock.now() < row.shared_at + READY_FOR:
            raise Unavailable("Slack still looks at the picture", system=SYSTEM, retry_after_s=READY_EVERY_S)
        with self.database.begin() as session:
            if notifications.amend(session, message.key, {PICTURE: row.file_id}):
                delivery.ask_for(session, self.jobs, message.key)

    def _is_ready(self, file_id: str) -> bool:
        try:
            seen = self.files.seen(file_id)
        except Rejected:  # a scope that is missing, or a file that is gone: the message itself will tell
            return False
        return bool(seen.media_type and seen.channels)
