"""The queue report in a whole bot over the built-in desk: asked for, opened, run again, refused a picture, planned.

What the desk holds is counted by the test itself, in the desk's own tables.
"""

import csv
import io
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from automations.adapters.builtin.people import DeskWork
from automations.adapters.builtin.tables import DeskTables
from bot.app import Bot
from bot.cli import run
from bot.cli.demo import demo_app
from bot.demo_history import fill
from bot.report_side import WEEKLY
from bot.workspace import WorkspaceServer, sample_seed
from storage import audit
from storage.models import DeskTicket
from tests.bot.bot_room import ask, environment, messages, settings_for, until

CHANNEL: Final = "C_REPORTS"
THURSDAY: Final = datetime(2026, 11, 26, 11, tzinfo=UTC)
MONDAY: Final = datetime(2026, 11, 30, 8, tzinfo=UTC)
"""09:00 in Oslo."""
LAST_WEEK: Final = (datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC))
INES: Final = "ines.holt@example.com"

Json = dict[str, Any]


@dataclass
class Moved:
    """The real clock, so much ahead."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by

    def to(self, at: datetime) -> None:
        self.by = at - datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """The bot, its Slack and its desk with some weeks of history."""

    bot: Bot
    slack: WorkspaceServer
    clock: Moved
    folder: Path

    def act(self, name: str, **body: Any) -> None:
        answer = ask(f"{self.slack.url}/_control/{name}", body)[1]
        assert answer.get("acked", answer["ok"]), answer

    def command(self, text: str, user: str = "U_LEAD1") -> None:
        self.act("command", user=user, channel=CHANNEL, command="/support-report", text=text)

    def message(self, *words: str, channel: str = CHANNEL, whole: Callable[[Json], bool] = bool) -> Json:
        """The newest message with these words, once it is there and is `whole`."""

        def look() -> list[Json]:
            there: list[Json] = ask(f"{self.slack.url}/_control/messages?channel={channel}")[1].get("messages", [])
            return [one for one in there if all(word in shown(one) for word in words)]

        found: Json = until(look, lambda seen: bool(seen) and whole(seen[-1]))[-1]
        return found

    def thread(self, message: Json, channel: str = CHANNEL) -> list[Json]:
        where = f"channel={channel}&thread_ts={message['ts']}"
        return list(ask(f"{self.slack.url}/_control/messages?{where}")[1]["messages"])[1:]

    def files(self, message: Json) -> dict[str, Json]:
        """The files in a message's thread, by name, once both are there."""

        def look() -> list[Json]:
            return [file for line in self.thread(message) for file in line.get("files", [])]

        return {file["name"]: file for file in until(look, lambda several: len(several) == 2)}

    def download(self, file: Json) -> bytes:
        bearer = {"Authorization": "Bearer xoxb-demo-handoff"}
        with urllib.request.urlopen(urllib.request.Request(file["url_private"], headers=bearer)) as answer:
            return bytes(answer.read())

    def press(self, message: Json, act: str, number: str = "", channel: str = CHANNEL) -> None:
        value = next(
            one for one in values(message) if one.startswith(f"{ref(message)}:{act.partition('.')[2]}:{number}")
        )
        self.act("click", user="U_LEAD1", channel=channel, ts=message["ts"], action_id=act, value=value)

    def view(self, callback: str) -> Json:
        """The modal that Mara has open."""

        def look() -> list[Json]:
            return list(ask(f"{self.slack.url}/_control/views?user=U_LEAD1")[1]["views"])

        found: Json = until(look, lambda several: bool(several) and several[-1]["callback_id"] == callback)[-1]
        return found

    def close(self, view: Json) -> None:
        self.act("close", user="U_LEAD1", view_id=view["id"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, clock = tmp_path_factory.mktemp("office"), Moved(timedelta())
    clock.to(THURSDAY)
    slack = WorkspaceServer(sample_seed(), demo_app()).start()
    bot = Bot(settings_for(folder, slack.base_url), clock=clock)
    try:
        assert fill(bot.database, clock.now()) > 100
        bot.start()
        yield Office(bot, slack, clock, folder)
    finally:
        bot.stop()
        slack.stop()


@pytest.fixture
def report_json(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[int], Json]:
    """What `handoff report show N --json` prints beside the running bot."""
    for name, value in environment(office.folder, office.slack.base_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HANDOFF_CONFIG", str(office.folder / "handoff.toml"))

    def printed(number: int) -> Json:
        capsys.readouterr()
        assert run(["report", "show", str(number), "--json"]) == 0
        read: Json = json.loads(capsys.readouterr().out)
        return read

    return printed


def test_one_message_one_picture_one_data_sheet_and_all_say_the_same(
    office: Office, report_json: Callable[[int], Json]
) -> None:
    office.command("last-week")
    message = office.message("Queue report, week 47", whole=lambda one: "image" in kinds(one))
    number = int(ref(message).partition(":")[2])
    told = report_json(number)
    assert told["counts"]["created"] == len(made_in(office.bot, *LAST_WEEK)) > 20

    assert [one["text"] for one in messages(office.slack, CHANNEL) if "week 47" in one["text"]] == [message["text"]]
    assert sorted(kinds(message)) == ["actions", "context", "context", "header", "image", "rich_text", "table"]
    files = office.files(message)
    assert sorted(files) == [f"report-{number}.csv", f"report-{number}.png"]
    image = next(block for block in message["blocks"] if block["type"] == "image")
    assert image["slack_file"]["id"] == files[f"report-{number}.png"]["id"]
    assert office.download(files[f"report-{number}.png"]).startswith(b"\x89PNG")

    sheet = [*csv.DictReader(io.StringIO(office.download(files[f"report-{number}.csv"]).decode(), newline=""))]
    counts = {row["number"]: int(row["value"]) for row in sheet if (row["part"], row["measure"]) == ("number", "n")
              and row["hours"] == ""}  # fmt: skip
    assert counts == told["counts"]
    times = [row for row in sheet if row["part"] == "number" and row["hours"] == "calendar"]
    assert len(times) == 12
    for row in times:
        assert float(row["value"]) == told["times"][row["number"]]["calendar"][row["measure"]]

    office.press(message, "report.data_sheet")
    page = office.view("report.sheet")
    for title, name in (
        ("Open", "backlog_end"),
        ("Created", "created"),
        ("Solved", "solved"),
        ("Reopened", "reopened"),
    ):
        assert f"{title}: {told['counts'][name]}" in " ".join(texts(page)).replace("  ", " ")
    office.close(page)


def test_a_number_opens_exactly_its_tickets(office: Office) -> None:
    office.command("2026-W47 priority=high,urgent")
    message = office.message("Tickets with priority: high or urgent")
    office.press(message, "report.tickets", "created:")
    listed: list[str] = []
    view = office.view("report.list")
    while True:
        listed += re.findall(r"#(\d+) ", " ".join(texts(view)))
        further = [one for one in values(view) if one.endswith(f":{page_of(view) + 1}")]
        if not further:
            break
        office.act("click", user="U_LEAD1", view_id=view["id"], action_id="report.tickets", value=further[0])
        view = until(lambda: office.view("report.list"), partial(is_page, page_of(view) + 1))
    office.close(view)
    expected = made_in(office.bot, *LAST_WEEK, priorities=("high", "urgent"))
    assert (len(listed), set(listed)) == (len(expected), expected)


def test_run_again_it_says_the_same_or_names_what_changed(office: Office) -> None:
    office.command("2026-W46")
    first = office.message("Queue report, week 46")
    office.press(first, "report.rerun")
    name = ref(first).replace(":", "-").upper()
    again = office.message(f"counts {name} again: same numbers.", channel="D_LEAD1")
    assert "no private messages" not in shown(again)

    begin, end = (moment - timedelta(days=7) for moment in LAST_WEEK)
    gone = min(made_in(office.bot, begin, end), key=int)
    DeskWork(DeskTables(office.bot.database), office.clock).delete(gone, by=INES)
    office.press(first, "report.rerun")
    changed = office.message(f"counts {name} again: 3 changes since.", channel="D_LEAD1")
    assert f"#{gone} " in shown(changed)


def test_without_its_files_the_text_stands(office: Office) -> None:
    refusal = {"method": "files.getUploadURLExternal", "kind": "error", "error": "file_uploads_disabled"}
    office.act("faults", **refusal, times=99)  # files of the reports before may be on their way still
    try:
        office.command("2026-W45")
        message = office.message("Queue report, week 45", whole=lambda one: "Slack took no picture" in shown(one))
        lines = until(lambda: office.thread(message), lambda several: len(several) == 2)
    finally:
        office.act("faults", clear=True)
    assert "image" not in kinds(message)
    assert {"table", "actions"} < set(kinds(message))
    assert all("this workspace takes no files" in line["text"] for line in lines)


def test_by_the_clock_it_comes_once_however_often_that_moment_fires(office: Office) -> None:
    office.clock.to(MONDAY + timedelta(seconds=10))
    at = MONDAY.isoformat()
    with office.bot.database.begin() as session:
        for key in (at, f"{at}/by-another"):
            office.bot.context.jobs.enqueue(session, WEEKLY, key, {"at": at})
    message = office.message("Weekly queue report, week 48")
    assert len(office.files(message)) == 2
    until(lambda: skipped(office.bot), bool)
    weekly = [one for one in messages(office.slack, CHANNEL) if "Weekly queue report" in one["text"]]
    assert [one["ts"] for one in weekly] == [message["ts"]]
    with office.bot.database.read() as session:
        assert audit.verify(session).ok


def made_in(bot: Bot, from_at: datetime, to_at: datetime, priorities: tuple[str, ...] = ()) -> set[str]:
    """The numbers of the desk's tickets that were made then."""
    wanted = [DeskTicket.created_at >= from_at, DeskTicket.created_at < to_at, DeskTicket.deleted_at.is_(None)]
    wanted += [DeskTicket.priority.in_(priorities)] * bool(priorities)
    with bot.database.read() as session:
        return {str(number) for number in session.scalars(select(DeskTicket.id).where(*wanted))}


def skipped(bot: Bot) -> list[str]:
    """Planned moments at which nothing was to be sent any more."""
    with bot.database.read() as session:
        return [entry.outcome for entry in audit.entries(session, action="report.skipped")]


def shown(message: Json) -> str:
    return json.dumps(message, ensure_ascii=False)


def kinds(message: Json) -> list[str]:
    return [block["type"] for block in message.get("blocks", [])]


def ref(message: Json) -> str:
    """`report:7`, as the buttons of a report begin."""
    return ":".join(next(one for one in values(message) if one.startswith("report:")).split(":")[:2])


def is_page(number: int, view: Json) -> bool:
    return page_of(view) == number


def page_of(view: Json) -> int:
    return int(view["private_metadata"].rpartition(":")[2])


def values(node: Any) -> Iterator[str]:
    """Every value of a button or an option."""
    yield from _under(node, "value")


def texts(node: Any) -> Iterator[str]:
    yield from _under(node, "text")


def _under(node: Any, name: str) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get(name), str):
            yield node[name]
        for inner in node.values():
            yield from _under(inner, name)
    elif isinstance(node, list):
        for inner in node:
            yield from _under(inner, name)
