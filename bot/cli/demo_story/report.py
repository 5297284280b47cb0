"""Last week in one message: its numbers with what they rest on, one picture, a sheet, and the tickets behind each."""

from collections.abc import Iterator
from typing import Any

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Json, Stage, expect

REPORTS = "C_REPORTS"
LEAD = "U_LEAD1"
MADE_S = 60.0
"""How long a first reading of the desk, the counting and the picture may take on a busy machine."""


def _play(stage: Stage) -> Iterator[str]:
    before = {one["ts"] for one in stage.messages(channel=REPORTS)}
    stage.show(user=LEAD, channel=REPORTS)
    stage.act("command", user=LEAD, channel=REPORTS, command="/support-report", text="last-week here")
    message = stage.until(lambda: _report(stage, before), "the report", wait_s=MADE_S)
    stage.show(user=LEAD, channel=REPORTS, message=message["ts"])
    shown = str(message)
    for words in ("First reply", "median", "average", "not counted"):
        expect(words in shown, f"the report does not say {words!r}")
    yield "Mara asked for last week: one message, each average with its median and with what could not be counted"
    stage.pause()
    drawn = "the picture in the message"
    message = stage.until(lambda: _pictured(stage, message["ts"]), drawn, wait_s=MADE_S)
    names = stage.until(lambda: _files(stage, message["ts"]), "the two files in its thread", wait_s=MADE_S)
    yield f"Its picture is in the message; in the thread are {' and '.join(names)}"
    stage.pause()
    value, count = _behind(message, "backlog_end")
    stage.act("click", user=LEAD, channel=REPORTS, ts=message["ts"], action_id="report.tickets", value=value)
    page = stage.until(lambda: _list(stage), "the list of tickets")
    expect(count in str(page), f"the list does not say {count}")
    stage.pause()
    stage.act("close", user=LEAD, view_id=page["id"])  # it would lie over the story's own buttons
    yield f"Show tickets opens the {count} that are behind “Open”"


def _report(stage: Stage, before: set[str]) -> Json | None:
    found = [one for one in stage.messages("ueue report", REPORTS) if one["ts"] not in before]
    expect(len(found) <= 1, f"there are {len(found)} reports")
    return found[0] if found else None


def _pictured(stage: Stage, ts: str) -> Json | None:
    """The message once it shows its picture."""
    for one in stage.messages(channel=REPORTS):
        if one["ts"] == ts and any(block["type"] == "image" for block in one["blocks"]):
            return one
    return None


def _files(stage: Stage, ts: str) -> list[str]:
    """The names of the files in its thread, empty until there are both."""
    shared = [file["name"] for one in stage.thread(ts, REPORTS) for file in one.get("files", ())]
    return sorted(shared) if len(shared) == 2 else []


def _behind(message: Json, number: str) -> tuple[str, str]:
    """The button's value and the count that the menu says for a number's tickets."""
    for block in message["blocks"]:
        for option in _options(block):
            if f":tickets:{number}:" in option["value"]:
                return option["value"], option["text"]["text"].rpartition(" ")[2]
    raise KeyError(number)


def _options(block: Json) -> list[Any]:
    return [option for element in block.get("elements", ()) for option in element.get("options", ())]


def _list(stage: Stage) -> Json | None:
    views: list[Json] = stage.slack.get("/_control/views", params={"user": LEAD}).json()["views"]
    return next((one for one in reversed(views) if one["callback_id"] == "report.list"), None)


SCENE = Scene(
    id="report",
    title="Last week in numbers",
    what="A lead asks for the queue report of last week.",
    look="One message with numbers and a picture; a sheet in its thread; the tickets behind each number.",
    play=_play,
)
