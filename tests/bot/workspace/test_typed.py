"""What a client lets into each kind of element, and what it says otherwise."""

from typing import Any

import pytest

from bot.workspace.typed import complaint
from tests.bot.workspace.room import Room, modal

NUMBER = {"type": "number_input", "is_decimal_allowed": True, "min_value": "0.5", "max_value": "10"}
WHOLE = {"type": "number_input", "is_decimal_allowed": False}
PEOPLE = {"type": "multi_users_select", "max_selected_items": 2}

GOOD: list[tuple[dict[str, Any], Any]] = [
    ({"type": "plain_text_input"}, "x" * 3000),
    ({"type": "email_text_input"}, "ines.holt@example.com"),
    ({"type": "url_text_input"}, "https://status.example/x?y=1"),
    (NUMBER, "0.5"),
    (NUMBER, "10"),
    (WHOLE, "-3"),
    ({"type": "datepicker"}, "2028-02-29"),
    ({"type": "timepicker"}, "23:59"),
    ({"type": "datetimepicker"}, 1_795_000_000),
    (PEOPLE, ["U_LEAD1", "U_LEAD2"]),
    ({"type": "users_select"}, "U_LEAD1"),
    ({"type": "file_input", "max_files": 1}, ["F1"]),
]
BAD: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "plain_text_input"}, "x" * 3001, "at most 3000"),
    ({"type": "plain_text_input", "min_length": 5}, "x", "at least 5"),
    ({"type": "plain_text_input"}, 5, "enter text"),
    ({"type": "email_text_input"}, "ines.holt", "email address"),
    ({"type": "email_text_input"}, "ines holt@example.com", "email address"),
    ({"type": "email_text_input"}, "ines@localhost", "email address"),
    ({"type": "url_text_input"}, "status.example", "URL"),
    ({"type": "url_text_input"}, "javascript:alert(1)", "URL"),
    ({"type": "url_text_input"}, "https://a b.example", "URL"),
    ({"type": "url_text_input"}, "https://[", "URL"),
    (NUMBER, "0.4", "at least 0.5"),
    (NUMBER, "11", "at most 10"),
    (NUMBER, "ten", "a number"),
    (NUMBER, "NaN", "a number"),
    (NUMBER, "Infinity", "a number"),
    (NUMBER, 5, "a number"),
    (WHOLE, "1.5", "whole number"),
    ({"type": "datepicker"}, "2027-02-29", "a date"),
    ({"type": "datepicker"}, "20270228", "a date"),
    ({"type": "timepicker"}, "24:00", "a time"),
    ({"type": "timepicker"}, "9:00", "a time"),
    ({"type": "datetimepicker"}, "1795000000", "date and a time"),
    ({"type": "datetimepicker"}, 12, "date and a time"),
    (PEOPLE, ["U_LEAD1", "U_LEAD2", "U_AGENT1"], "at most 2"),
    ({"type": "file_input"}, [f"F{n}" for n in range(11)], "at most 10"),
]


@pytest.mark.parametrize(("element", "held"), GOOD)
def test_what_fits_passes(element: dict[str, Any], held: Any) -> None:
    assert complaint(element, held) is None


@pytest.mark.parametrize(("element", "held", "words"), BAD)
def test_what_does_not_fit_is_said(element: dict[str, Any], held: Any, words: str) -> None:
    assert words in str(complaint(element, held))


def test_a_modal_stays_open_and_the_app_hears_nothing(room: Room) -> None:
    """A client complains by itself; no payload is sent, so no app has to be there."""
    address = modal()["blocks"][0] | {"element": {"type": "email_text_input", "action_id": "text"}}
    trigger = "t"
    room.workspace.triggers[trigger] = {"user": "U_AGENT1", "at": room.workspace.clock(), "used": False}
    view = room.client.views_open(trigger_id=trigger, view=modal(address))["view"]
    answer = room.act("submit", user="U_AGENT1", view_id=view["id"], values={"text": "no address"})
    assert (answer["error"], answer["errors"]) == ("invalid_input", {"note": "Please enter a valid email address."})
    assert len(room.read("views", user="U_AGENT1")["views"]) == 1


def test_a_date_that_is_none_cannot_be_picked_in_a_message(room: Room) -> None:
    picker = {"type": "actions", "elements": [{"type": "datepicker", "action_id": "day"}]}
    ts = room.post(blocks=[picker])
    click = {"user": "U_AGENT1", "channel": "C_FAILURES", "ts": ts, "action_id": "day"}
    assert room.act("click", **click, value="2027-02-30")["error"] == "invalid_value"
    assert room.act("click", **click, value="2027-02-28")["status"] == "dispatch_failed"
