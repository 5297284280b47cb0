"""What the engine puts into the failure queue and takes out of it, with audit rows, in the caller's transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.ports import Clock
from bot.engine.client import first_key
from bot.engine.spec import Args, JobSpec
from storage import audit, stuck
from storage.models import StuckItem

Left = Callable[[Session, StuckItem], None]


def nobody_told(_session: Session, _item: StuckItem) -> None:
    """For who has nobody to tell."""


@dataclass(frozen=True, slots=True)
class FailureQueue:
    """The failure queue as the engine uses it. `default_owner` gets what no job spec knows an owner for.

    `left` is told of what leaves because it was done after all, in that transaction, which holds the audit head.
    """

    specs: Mapping[str, JobSpec]
    clock: Clock
    default_owner: Callable[[], str]
    left: Left = nobody_told

    def put(self, session: Session, job: str, key: str, args: Args, *, attempts: int, words: str) -> None:
        """Put a job in, with its owner and the reason. Each time is audited, and kept as one of the times it was tried.

        That a run gave up is reported again if the bot died before it could note that; a repeat changes nothing more.

        What waits already for the same work takes over the newer reason, so that a case whose ticket waits for a person
        is one item, however often the case changes meanwhile.
        """
        audit.hold(session)  # before the row, as everywhere
        if stuck.is_known(session, job=job, run=key, tries=attempts):
            return
        now, spec = self.clock.now(), self.specs.get(job)
        target = spec.target(args) if spec else job
        item = stuck.add(
            session,
            job=job,
            key=stuck.key_of(session, job=job, args=args) or first_key(key),
            args=args,
            target=target,
            owner=(spec.owner_of(session, args) if spec else "") or self.default_owner(),
            reason=words,
            attempts=attempts,
            at=now,
            run=key,
        )
        audit.append(
            session,
            at=now,
            actor=HANDOFF.id,
            action="job.stuck",
            target=target,
            outcome="stuck",
            correlation_id=key,
            after={"job": job, "owner": item.owner, "reason": words, "attempts": attempts},
        )
        if spec is not None and spec.on_stuck is not None:
            spec.on_stuck(session, args, words)

    def settle(self, session: Session, job: str, key: str, args: Args, since: datetime) -> None:
        """Take out what a run of the same job has done after all: the items given up before its last look, `since`."""
        now, note = self.clock.now(), f"done since by job {key}"
        audit.hold(session)
        for item in stuck.done_since(session, job=job, args=args, since=since, by=HANDOFF.id, note=note, at=now):
            audit.append(
                session,
                at=now,
                actor=HANDOFF.id,
                action="stuck.settle",
                target=item.target,
                outcome="done",
                correlation_id=f"stuck-{item.id}",
                before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
                after={"state": item.state, "note": note},
            )
            self.left(session, item)
