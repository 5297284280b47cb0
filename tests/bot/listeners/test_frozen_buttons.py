"""Buttons and forms of earlier releases, which stand in channels for months: each still works or is answered afresh.

`tests/fixtures/buttons/` holds what each release showed, taken from its golden views: a release that changes an action
id or the shape of a value fails here until the old one is understood again. Nothing is ever taken out of a file.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from bot.wire import CaseAct, CaseButton
from storage.models import InboxRow
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import Slack, click, form

TESTS: Final = Path(__file__).parents[2]
KEPT: Final = TESTS / "fixtures" / "buttons"
NOW: Final = KEPT / "release_0.1.json"
"""The release that is being made: what it shows for the first time is added by `--accept`."""
OTHER: Final = "another version"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """Everything in a view that can be pressed or chosen from."""
    if isinstance(node, dict):
        if node.get("type") == "input":
            return  # filled in, and sent with its form
        if "action_id" in node:
            yield node
        for inner in node.values():
            yield from elements(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from elements(inner)


def shape(value: str) -> str:
    """A value with its numbers and digests made equal, so that one of a kind is kept."""
    return "".join("9" if sign.isdigit() else sign for sign in value)[:12]


def shown() -> dict[str, list[dict[str, str]]]:
    """What today's golden views hold: `buttons` and menu entries with their values, `forms` with what they carry."""
    buttons: dict[tuple[str, str], dict[str, str]] = {}
    forms: dict[str, dict[str, str]] = {}
    for file in sorted((TESTS / "golden").glob("*.json")):
        view = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(view, dict) and view.get("submit") and view.get("callback_id"):
            one = {"callback_id": view["callback_id"], "private_metadata": view.get("private_metadata", "")}
            forms.setdefault(view["callback_id"], one)
        for element in elements(view):
            values = [str(one["value"]) for one in element.get("options", ())] or [str(element.get("value", ""))]
            if element["type"] not in ("button", "overflow", "static_select") or "url" in element:
                continue
            for value in values:
                if value.startswith("case:0:"):
                    continue  # of an example that is no case
                one = {"action_id": element["action_id"], "type": element["type"], "value": value}
                buttons.setdefault((element["action_id"], shape(value)), one)
    return {"buttons": list(buttons.values()), "forms": list(forms.values())}


def kept() -> list[tuple[str, dict[str, str]]]:
    """What all releases showed, as (`buttons` or `forms`, it)."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.json"))]
    return [(kind, one) for file in files for kind in ("buttons", "forms") for one in file[kind]]


@pytest.fixture
def access(world: World) -> Access:
    made = Access.on(world)
    made.proposed()
    made.compared("f1@team.example", "f2@team.example")
    return made


@pytest.fixture
def slack(world: World, access: Access) -> Iterator[Slack]:
    made = Slack(world, access.ctx)
    yield made
    made.close()


def pressed(slack: Slack, user: str, kind: str, one: dict[str, str]) -> Any:
    """Press it; what Slack gets, and what the person gets."""
    if kind == "forms":
        body = form(user, one["callback_id"], one["private_metadata"], {})
    else:
        body = click(user, one["action_id"], one["value"])
        if one["type"] != "button":
            chosen = {"type": one["type"], "selected_option": {"value": one["value"]}}
            body["actions"][0] |= chosen
    before = len(slack.told())
    answer = slack.dispatch(body)
    assert answer.status == 200, one
    return str(slack.told()[before:]) + str(answer.body)


def test_what_is_shown_today_is_kept_for_later_releases(pytestconfig: pytest.Config) -> None:
    there = json.loads(NOW.read_text(encoding="utf-8")) if NOW.is_file() else {"buttons": [], "forms": []}
    known = {(one["action_id"], shape(one["value"])) for kind, one in kept() if kind == "buttons"}
    forms = {one["callback_id"] for kind, one in kept() if kind == "forms"}
    today = shown()
    new = {
        "buttons": [one for one in today["buttons"] if (one["action_id"], shape(one["value"])) not in known],
        "forms": [one for one in today["forms"] if one["callback_id"] not in forms],
    }
    if pytestconfig.getoption("--accept") and any(new.values()):
        KEPT.mkdir(exist_ok=True)
        NOW.write_text(json.dumps({kind: there[kind] + new[kind] for kind in there}, indent=1) + "\n", encoding="utf-8")
        return
    assert new == {"buttons": [], "forms": []}, "rerun with --accept; nothing is taken out"


@on_sqlite
def test_every_button_and_form_that_was_ever_shown_is_understood(slack: Slack) -> None:
    """Pressed by a lead: it acts, opens a form or a fresh card, or says in words why it cannot any more."""
    assert len(kept()) > 100
    not_understood = [one for kind, one in kept() if OTHER in pressed(slack, "U_LEAD1", kind, one)]
    assert not_understood == []


@on_sqlite
def test_a_press_of_an_old_button_is_written_down_like_any_other(slack: Slack, world: World) -> None:
    for kind, one in kept():
        pressed(slack, "U_LEAD1", kind, one)
    with world.database.read() as session:
        outcomes = session.scalars(select(InboxRow.outcome)).all()
    assert len(outcomes) >= len({json.dumps(one) for _, one in kept()})
    assert all(outcomes)


@on_sqlite
def test_the_claim_button_of_the_first_release_claims(slack: Slack, world: World) -> None:
    slack.dispatch(click("U_AGENT1", "case.claim", "case:1:claim"))
    assert world.case(1).claimed_by == "anna@team.example"
    assert CaseButton(1, CaseAct.CLAIM).encode() == "case:1:claim"


@on_sqlite
@pytest.mark.parametrize("value", ["", "1", "case:1:claim", "x" * 75, "{}", "\u202e"])
def test_an_unknown_button_says_so_privately_and_does_nothing(slack: Slack, world: World, value: str) -> None:
    seen = world.audit_rows()
    said = pressed(slack, "U_LEAD1", "buttons", {"action_id": "case.explode", "type": "button", "value": value})
    assert OTHER in said
    assert "Nothing was changed" in said
    assert [kind for kind, *_ in slack.told()] == ["respond"]
    assert world.case(1).status == "open"
    assert world.audit_rows() <= seen + 1


@on_sqlite
def test_an_unknown_form_says_so_and_does_nothing(slack: Slack, world: World) -> None:
    """Opened before an upgrade, sent after it. Slack would call an answer that is missing a fault of its own."""
    said = pressed(slack, "U_LEAD1", "forms", {"callback_id": "case.explode", "private_metadata": "case:1:explode"})
    assert "This form was made by another version of Handoff. Nothing was changed." in said
    assert world.case(1).status == "open"
