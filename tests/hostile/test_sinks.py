"""No secret reaches a sink: log, audit, Slack, desk, failure queue, error replies, exports, any table of the database.

A whole bot is given a secret of each of our own kinds in every text that its doors take: failures of three senders,
commands, messages with their shortcuts, forms, the built-in desk's pages, a table of customers, and what a desk says
that fails. Afterwards everything that left it, and everything that it kept, is looked through.
"""

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy import select

from automations.domain import Ticket
from automations.errors import Rejected, Unavailable
from automations.failure_tickets.event import FailureEvent
from automations.ports import HelpDesk
from bot import logs
from bot.app import Bot
from bot.cli import run
from bot.desk_door import desk_door
from bot.workspace import WorkspaceServer, sample_app
from storage import stuck
from storage.models import CaseTicket, CustomerRejected
from tests.bot.bot_room import TOKEN, address, ask, environment, settings_for, until, workspace
from tests.bot.http_world import an_event
from tests.figures.told import tell
from tests.hostile.kept import every_table
from tests.hostile.secrets_made import HELD, KINDS, leaks

FIXTURES = Path(__file__).parents[1] / "fixtures"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
FIXED = (
    "id",
    "occurred_at",
    "at",
    "status",
    "reason",
    "event_id",
    "datetime",
    "action",
    "startsAt",
    "endsAt",
    "version",
)
"""Fields of an event that have words of their own, and what names it."""
LONGEST_ROUND = 225
LONGEST_TIER = 64
TOLD = (
    ("cases", "list"), ("cases", "list", "--json"), ("cases", "show", "1", "--json"), ("cases", "show", "2"),
    ("stuck", "list"), ("stuck", "list", "--json"), ("audit", "list", "--limit", "1000"),
    ("audit", "list", "--limit", "1000", "--json"), ("audit", "export"), ("audit", "export", "--format", "csv"),
    ("desk", "export", "-"), ("runs", "list"), ("runs", "list", "--json"), ("escalations", "list", "--json"),
    ("triage", "list", "--json"), ("duty", "show", "--json"), ("people", "check"), ("automations", "list", "--json"),
    ("report", "run", "--format", "csv"), ("report", "list", "--json"), ("customers", "list", "--json"),
    ("customers", "rejected", "--json"), ("customers", "conflicts", "--json"), ("customers", "export"),
    ("customers", "groups", "--json"), ("doctor",),
)  # fmt: skip
"""What the command line shows of all that."""


def rounds() -> list[str]:
    """What stands in the texts, one after the other: at full count each secret alone, else as many as fit."""
    if os.environ.get("HANDOFF_SINKS") == "each":
        return list(KINDS.values())
    packed = [""]
    for secret in sorted(KINDS.values(), key=len):
        if len(packed[-1]) + len(secret) > LONGEST_ROUND:
            packed.append("")
        packed[-1] = f"{packed[-1]} {secret}".strip()
    return packed


def filled(value: Any, text: str, name: str = "") -> Any:
    """The same tree with the text in the place of every other."""
    if isinstance(value, dict):
        return {key: inner if key in FIXED else filled(inner, text, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, text, name) for inner in value]
    if not isinstance(value, str):
        return value
    if "url" in name.lower():
        return f"https://logs.example/j?q={text}".replace(" ", "%20")
    return "business" if name == "tier" and len(text) > LONGEST_TIER else text


def text_fields(model: type[BaseModel]) -> set[str]:
    """The names of the fields that take a text, those of the parts too."""
    schema = model.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    named = {name: json.dumps(about) for part in parts for name, about in part.get("properties", {}).items()}
    return {name for name, about in named.items() if '"string"' in about and "enum" not in about}


class Failing:
    """A desk that says the secret in each way in which it can fail, for the failures of the source `desk-says`."""

    def __init__(self, desk: HelpDesk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def create(self, draft: Any, *, key: Any) -> Ticket:
        said = re.search(r"desk fails (\w+) (\d+)", draft.body)
        if said is None:
            return self._desk.create(draft, key=key)
        secret = rounds()[int(said[2])]
        words = f"the desk answered {secret} and more"
        if said[1] == "rejects":
            raise Rejected(words, system="builtin", code="422")
        if said[1] == "waits":
            raise Unavailable(words, system="builtin", retry_after_s=0.1)
        raise ValueError(words)


def failing(desk: HelpDesk) -> HelpDesk:
    return cast("HelpDesk", Failing(desk))


@dataclass
class Attack:
    """What is sent, and everything that came back."""

    bot: Bot
    slack: WorkspaceServer
    said: list[str] = field(default_factory=list)
    forms_sent: int = 0

    def post(self, path: str, body: Any, **headers: str) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **AUTH, **headers}
        answer = httpx.post(address(self.bot, path), content=content, headers=sent, timeout=20, trust_env=False)
        if answer.status_code >= 400:  # else it names the sender's own ids
            self.said += [answer.text, str(answer.headers)]
        return answer.status_code

    def get(self, path: str, **query: str) -> int:
        answer = httpx.get(address(self.bot, path), params=query, timeout=20, trust_env=False)
        self.said += [answer.text, str(answer.headers)]
        return answer.status_code

    def act(self, act: str, **body: Any) -> Any:
        return ask(f"{self.slack.url}/_control/{act}", body)[1]

    def seen(self, what: str) -> Any:
        return ask(f"{self.slack.url}/_control/{what}")[1]

    def failures(self, number: int, secret: str) -> None:
        """Events of all three senders with it in every text, good ones, wrong ones, and one without a right."""
        text = f"it said {secret} at last"
        event = filled(an_event(), text) | {"id": f"e{number}"}
        assert self.post("/v1/failures", event) == 202
        assert self.post("/v1/failures", event | {"id": secret}) == 202
        for wrong in (
            {"reason": text},
            {"occurred_at": text},
            {text: 1},
            {"job": text},
            {"impact": {"customers": text}},
        ):
            assert self.post("/v1/failures", event | wrong) == 422
        assert self.post("/v1/failures", f'{{"id": "{secret}'.encode()) in (400, 422)
        assert self.post("/v1/failures", event, Authorization=f"Bearer {secret}x") == 401
        for name in sorted((FIXTURES / "sentry").iterdir())[1:4]:
            body = filled(json.loads(name.read_bytes()), text)
            assert self.post("/v1/failures/sentry", body) in (202, 422)
        firing = filled(json.loads((FIXTURES / "alertmanager" / "firing.json").read_bytes()), text)
        assert self.post("/v1/failures/alertmanager", firing) in (202, 422)
        for path in (f"/v1/cases/{secret}", f"/{secret}", f"/desk/tickets/{secret}"):
            assert 400 <= self.get(path) < 500
        self.get("/v1/cases", status=secret, limit=secret)

    def fails(self, number: int) -> None:
        """Failures whose tickets the desk refuses, cannot take now, or breaks at."""
        for how in ("rejects", "waits", "breaks"):
            event = an_event(id=f"d{number}{how}", source=f"desk-says-{number}-{how}", dedup_key=f"d{number}{how}")
            assert self.post("/v1/failures", event | {"details": f"desk fails {how} {number}"}) == 202

    def talks(self, secret: str) -> None:
        """Commands and messages of a lead, each shortcut on the message, each form with it in every field."""
        text = f"look {secret} here"
        for command in sample_app().commands:
            for words in (text, f"new {text}", f"list {text}"):
                self.act("command", user="U_LEAD1", channel="C_FAILURES", command=command.command, text=words)
        ts = self.act("message", user="U_LEAD1", channel="C_FAILURES", text=text)["ts"]
        for one in sample_app().shortcuts:
            self.act("shortcut", user="U_LEAD1", channel="C_FAILURES", ts=ts, callback_id=one.callback_id)
            self.fill(text)

    def fill(self, text: str) -> None:
        """Send the form that opened, with the text in all its fields, and close what is left."""

        def views() -> Any:
            return self.seen("views?user=U_LEAD1")["views"]

        try:
            top = until(views, bool, within_s=5)[-1]
        except AssertionError:  # on a busy machine the three seconds of a trigger can pass before the form opens
            return
        self.forms_sent += 1
        self.said.append(json.dumps([top["title"], top["blocks"]]))
        inputs = [block["element"] for block in top["blocks"] if block["type"] == "input"]
        values = {one["action_id"]: text for one in inputs if one["type"] == "plain_text_input"}
        if values:
            self.act("submit", user="U_LEAD1", view_id=top["id"], values=values)
        for left in reversed(views()):
            self.act("close", user="U_LEAD1", view_id=left["id"])

    def forms(self, round_: int, secret: str) -> None:
        """Each act of a case that has a form."""
        for number, act in enumerate(("case.escalate", "not_needed", "snooze")):
            nth = 3 * round_ + number
            found = until(partial(self.offering, act), partial(_more_than, nth), within_s=60)
            answer = self.act("click", user="U_LEAD1", channel="C_FAILURES", **found[nth])
            assert answer["acked"], answer
            self.fill(f"done {secret} now")

    def offering(self, act: str) -> list[dict[str, str]]:
        """The messages that have this button, or this entry of the menu, the newest last."""
        found = []
        for message in self.seen("messages?channel=C_FAILURES")["messages"]:
            elements = [one for block in message.get("blocks", ()) for one in block.get("elements", ())]
            for one in elements:
                values = [option["value"] for option in one.get("options", ())]
                chosen = [value for value in values if value.endswith(f":{act}")]
                if one.get("action_id") == act or chosen:
                    found.append({"ts": message["ts"], "action_id": one["action_id"], "value": "".join(chosen)})
        return found

    def desk(self, ticket: str, secret: str) -> None:
        """An agent who writes it into the built-in desk's pages."""
        door = desk_door(self.bot.database, self.bot.context.clock.now)
        with httpx.Client(base_url=address(self.bot, ""), trust_env=False, headers={"Accept": "text/html"}) as browser:
            browser.get("/desk/enter", params={"token": door.link("ines.holt@example.com")}, follow_redirects=True)
            for act in ("note", "reply", "customer"):
                page = browser.get(f"/desk/tickets/{ticket}").text
                hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
                sent = browser.post(f"/desk/tickets/{ticket}", data={**hidden, "act": act, "text": f"see {secret}."})
                assert sent.status_code in (303, 422)
                self.said.append(sent.text)
            self.said.append(browser.get(f"/desk/tickets/{ticket}").text)


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's pace is not what this is about."""
    monkeypatch.setattr("bot.engine.core.SLACK_PERIOD_S", 0.02)
    monkeypatch.setattr("bot.engine.worker.SLACK_PERIOD_S", 0.02)


@pytest.fixture
def command_line(
    slack: WorkspaceServer, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:  # fmt: skip
    def typed(*words: str) -> str:
        for name, value in {**environment(tmp_path, slack.base_url), **held(database_url)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HANDOFF_CONFIG", str(tmp_path / "handoff.toml"))
        capsys.readouterr()
        run(list(words))
        said = capsys.readouterr()
        assert said.out + said.err, words
        return said.out + said.err

    return typed


def held(database_url: str) -> dict[str, str]:
    return {
        "HANDOFF_DATABASE__URL": database_url,
        "HANDOFF_INGEST__TOKENS": f"*={TOKEN}, other={HELD['held ingest token']}",
        "HANDOFF_INGEST__SENTRY_SECRETS": f"shop={HELD['held Sentry secret']}",
        "HANDOFF_SLACK__SIGNING_SECRET": HELD["held signing secret"],
    }


def test_every_text_of_a_failure_is_tried() -> None:
    assert text_fields(FailureEvent) - set(FIXED) <= set(re.findall(r"\w+", json.dumps(list(_names(an_event())))))


def _names(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for name, inner in tree.items():
            yield name
            yield from _names(inner)
    if isinstance(tree, list):
        for inner in tree:
            yield from _names(inner)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_no_secret_reaches_a_sink(
    slack: WorkspaceServer, database_url: str, tmp_path: Path, quick: None, command_line: Callable[..., str]
) -> None:
    table = "account,name,domains,plan\n" + "".join(
        f'A-{number},"{kind} {secret}",{number}.example,Starter\nB-{number},x,"{secret}",{secret}\n'
        for number, (kind, secret) in enumerate(KINDS.items())
    )
    (tmp_path / "customers.csv").write_text(table, encoding="utf-8")
    said = rounds()
    here = f'path = "{tmp_path / "customers.csv"}"'
    settings = settings_for(
        tmp_path, slack.base_url, lambda text: text.replace('path = "customers.csv"', here), env=held(database_url),
        watching=True,
    )  # fmt: skip
    log = io.StringIO()
    bot = Bot(settings, around_desk=failing)
    logs.configure(bot.context.redactor, as_json=True, stream=log)
    apart = ThreadPoolExecutor(1)  # a browser's tests leave an event loop in the main thread, which the engine refuses
    apart.submit(bot.start).result()
    try:
        attack = Attack(bot, slack)
        for number, secret in enumerate(said):
            attack.failures(number, secret)
            attack.fails(number)
            attack.talks(secret)
        until(lambda: reasons(bot), lambda found: len(found) >= 2 * len(said), within_s=120)
        tickets = until(lambda: tickets_of(bot), lambda found: len(found) >= len(said), within_s=60)
        for number, (ticket, secret) in enumerate(zip(tickets, said, strict=False)):
            attack.forms(number, secret)
            attack.desk(ticket, secret)
        attack.act("command", user="U_LEAD1", channel="C_FAILURES", command="/support-customers", text="sync")
        attack.get("/metrics")
        attack.get("/readyz")
        until(lambda: synced(bot), bool, within_s=20)
        calls = json.dumps(attack.seen("calls"))
        assert attack.forms_sent
        whispers = json.dumps([attack.seen(f"ephemerals?user={user}") for user in ("U_LEAD1", "U_LEAD2", "U_ADMIN")])
    finally:
        apart.submit(bot.stop).result()
        apart.shutdown()
    sinks = {"log": log.getvalue(), "answers": "\n".join(attack.said), "Slack": calls, "whispers": whispers}
    sinks |= {f"handoff {' '.join(words)}": command_line(*words) for words in TOLD}
    sinks |= every_table(bot.database)
    found = {name: there for name, text in sinks.items() if (there := leaks(text))}
    assert not found, "\n".join(f"{name}: {there}" for name, there in found.items())
    tell("20", f"{len(KINDS)} kinds of our own in {len(sinks)} sinks ({bot.database.dialect}): 0 found")


def _more_than(count: int, found: Sequence[object]) -> bool:
    return len(found) > count


def reasons(bot: Bot) -> list[str]:
    """What the failure queue says, after a look for what broke."""
    bot.engine.sweep()
    with bot.database.read() as session:
        return [item.reason for item in stuck.open_items(session)]


def synced(bot: Bot) -> int:
    """How many rows of the table could not be taken: it was read."""
    with bot.database.read() as session:
        return len(session.scalars(select(CustomerRejected.id)).all())


def tickets_of(bot: Bot) -> list[str]:
    with bot.database.read() as session:
        found = session.scalars(select(CaseTicket.ticket_id).where(CaseTicket.ticket_id.is_not(None)))
        return [str(one) for one in found]
