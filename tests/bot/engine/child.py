"""A bot process to be killed: an engine whose jobs write a line to a log file before and after each step.

Run as `python -m tests.bot.engine.child URL LOG`; says `ready` when the engine runs, ends when its input is closed.
"""

import sys
import time
from pathlib import Path

from bot.engine import Args
from storage.boundaries import reach
from storage.engine import Database
from tests.bot.engine.world import engine_for, spec


def main(url: str, log: Path) -> None:
    def write(line: str) -> None:
        with log.open("a") as file:
            file.write(line + "\n")

    def advance(args: Args) -> str | None:
        done = log.read_text().splitlines() if log.exists() else []
        for step in ("one", "two", "three"):
            mark = f"{args['n']} {step}"
            if f"{mark} done" not in done:
                write(f"{mark} begun")
                time.sleep(float(args.get("ms", 0)) / 1000)  # how long this work takes
                reach("ticket.created")
                write(f"{mark} done")
                return step
        return None

    database = Database(url)
    engine = engine_for(database, spec("steps", advance))
    engine.start()
    print("ready", flush=True)
    while True:
        # The timetable's part: look after the dead.
        engine.reap()
        time.sleep(0.2)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
