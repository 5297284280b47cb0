"""What every bot that is forked would do again: import everything, read the migrations, make routes, compile SQL.

Done once for a whole session, by the server of forks, which imports this module; nobody else should.
"""

import io
import shutil
import tempfile
import threading
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import storage.engine
from bot.app import Bot
from bot.settings_file import load
from storage import migrate
from tests import compiled
from tests.faults import team
from tests.remote_desk.adapter import RemoteDesk

MEMORY = Path("/dev/shm")


def warm_up() -> None:
    """Make a bot that is never started, on a database that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-warm-", dir=MEMORY if MEMORY.is_dir() else None))
    url = f"sqlite:///{folder}/handoff.db"
    env = {
        "HANDOFF_CONFIG": str(team.write_settings(folder / "handoff.toml")),
        "HANDOFF_DATABASE__URL": url,
        "HANDOFF_HTTP__PORT": "0",
        "HANDOFF_INGEST__TOKENS": f"*={team.TOKEN}",
        "HANDOFF_SLACK__BOT_TOKEN": "xoxb-demo-handoff",
        "HANDOFF_SLACK__APP_TOKEN": "xapp-demo-handoff",
        "HANDOFF_SLACK__SIGNING_SECRET": "demo-signing-secret",
    }
    try:
        migrate.upgrade(url)
        compiled.learn(url)
        with redirect_stdout(io.StringIO()):
            Bot(load(env=env).settings, desk=RemoteDesk("http://127.0.0.1:9")).stop()
    finally:
        shutil.rmtree(folder)
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert not left, f"threads do not live through a fork: {left}"


patch.object(storage.engine, "create_engine", compiled.engine).start()  # in every fork too, to the end
warm_up()
