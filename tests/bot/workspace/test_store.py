"""What was said, opened and seen survives a restart; a process of its own survives its clients."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from bot.workspace import WorkspaceServer, modals, sample_app, sample_seed
from tests.bot.workspace.room import Room, button, modal


def test_restart_keeps_everything(tmp_path: Path) -> None:
    first = Room(WorkspaceServer(sample_seed(), sample_app(), data_dir=tmp_path).start())
    ts = first.post(text="parent", blocks=[button()], metadata={"event_type": "case", "event_payload": {"id": "1"}})
    first.post(text="reply", thread_ts=ts)
    first.act("react", user="U_AGENT1", channel="C_FAILURES", ts=ts, name="eyes")
    first.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="psst")
    first.client.views_open(trigger_id=modals.new_trigger(first.workspace, "U_AGENT1"), view=modal())
    first.client.views_publish(user_id="U_AGENT1", view={"type": "home", "blocks": [{"type": "divider"}]})
    first.act("faults", archive="C_REPORTS")

    def seen(room: Room) -> list[object]:
        plain = [{**message, "permalink": ""} for message in (*room.messages(), *room.messages(thread_ts=ts))]
        return [plain, room.whispers(), room.read("views", user="U_AGENT1")]

    before, rev = seen(first), first.workspace.rev
    first.leave()
    second = Room(WorkspaceServer(sample_seed(), sample_app(), data_dir=tmp_path).start())
    assert seen(second) == before
    assert second.workspace.rev > rev
    assert second.workspace.channels["C_REPORTS"]["is_archived"]
    assert second.post(text="later") > ts
    second.leave()


def test_process_of_its_own_survives_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.workspace", "--port", "0", "--data-dir", str(tmp_path)]

    def start() -> tuple[subprocess.Popen[str], str]:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        assert child.stdout is not None
        word, url = child.stdout.readline().split()
        assert word == "workspace"
        return child, url

    child, url = start()
    sent = {"channel": "C_FAILURES", "text": "acknowledged"}
    headers = {"Authorization": "Bearer xoxb-demo-handoff"}
    assert httpx.post(f"{url}/api/chat.postMessage", json=sent, headers=headers, trust_env=False).json()["ok"]
    child.kill()
    child.communicate()
    child, url = start()
    rows = httpx.get(f"{url}/_control/messages", params={"channel": "C_FAILURES"}, trust_env=False).json()["messages"]
    assert [row["text"] for row in rows] == ["acknowledged"]
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    assert child.returncode == 0
