"""A bot process that only delivers, to be killed: `python -m tests.bot.delivery.child DATABASE_URL SLACK_BASE_URL`.

Says `ready` when the engine runs.
"""

import sys
import threading

from bot.delivery import JOB, Delivery, thread_channel
from bot.engine import Engine, EngineClient, JobSpec, Route
from bot.gateway import SlackGateway
from storage.engine import Database
from tests.bot.delivery.acts import render
from tests.bot.engine.world import OWNER, WallClock

ROUTE = Route(name=JOB, queue="slack", partition=thread_channel)


def delivering(database: Database, base_url: str, *, poll_s: float = 0.05) -> Engine:
    """An engine whose one job delivers notifications to the workspace at `base_url`."""
    gateway = SlackGateway("xoxb-demo-handoff", base_url=base_url, timeout_s=5)
    delivery = Delivery(database, gateway, render, EngineClient(database, [ROUTE]), WallClock())
    job = JobSpec(
        name=JOB,
        queue="slack",
        partition=thread_channel,
        advance=delivery.advance,
        target=lambda args: str(args["key"]),
        owner_of=lambda _session, _args: OWNER,
        on_stuck=delivery.stuck,
    )
    return Engine(
        database, jobs=[job], redact=lambda text: text, clock=WallClock(), default_owner=lambda: OWNER, poll_s=poll_s
    )


if __name__ == "__main__":
    delivering(Database(sys.argv[1]), sys.argv[2]).start()
    print("ready", flush=True)
    threading.Event().wait()
