"""The durable job engine: DBOS on the project's own database, and the few lines of our own around it.

`Engine` runs in `serve` and `demo`; `EngineClient` writes jobs beside it from other commands. A job is a name, a key
(the same key runs once) and a few ids; `JobSpec.advance` makes one next step true and returns its name, or None when
there is nothing left to do. Steps run at least once: every one looks before it writes or carries an idempotency key.

queue   if the outside is unavailable                                                      order
desk    the job is put back with growing pauses and leaves room for others                 none
slack   it waits in place, so that the messages of its channel stay behind it              by channel, one per 1.1 s
jobs    as desk; for work inside Handoff                                                   none

DBOS itself is imported here and nowhere else. Three of its gaps are filled here: work of a dead process is taken over
only if somebody says that it is dead (`lifeline`, `reaper`), failed runs are not shown to anybody (`sweep`), and it
keeps finished runs for ever (`prune`).
"""

from bot.engine.client import EngineClient, prepare, retry_key
from bot.engine.core import Engine, Health
from bot.engine.lifeline import AlreadyRunning, bot_running
from bot.engine.spec import Args, JobSpec, QueueName, Route
from bot.engine.waiting import Oldest

__all__ = [
    "AlreadyRunning",
    "Args",
    "Engine",
    "EngineClient",
    "Health",
    "JobSpec",
    "Oldest",
    "QueueName",
    "Route",
    "bot_running",
    "prepare",
    "retry_key",
]
