"""`handoff desk check`: promises in words, one throw-away ticket that is solved whatever happens, and contracts."""

import json
from dataclasses import replace
from typing import Any, cast

import pytest
import yaml

from automations.adapters.calls import Call
from automations.desks import Capability
from automations.domain import DeskAgent, IdempotencyKey, Priority, TicketDraft, TicketEvent, TicketField, TicketStatus
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from bot.desk import KINDS
from bot.desks.kind import Kind
from bot.settings_desks import Desk
from tests.bot.cli.conftest import TEAM, Terminal
from tests.bot.cli.desks import Sign, raises, sqlite_alone
from tests.desks.small import AT, SmallDesk, small_kind

database_url = sqlite_alone


def promises(handoff: Terminal, *args: str, code: int = 0) -> dict[str, tuple[str, str]]:
    ran = handoff("desk", "check", "--json", *args)
    assert ran.code == code, ran.out + ran.err
    assert ran.json["ok"] is (code == 0)
    return {row["promise"]: (row["state"], row["seen"]) for row in ran.json["promises"]}


def test_the_builtin_desk_keeps_its_promises(handoff: Terminal) -> None:
    seen = promises(handoff, code=1)  # its people and groups are made when the bot starts, not here
    assert seen["who am I"][0] == "ok"
    assert seen["list agents"][0] == "failed"
    assert seen["send a public reply"] == (
        "cannot", "It writes to nobody: answer the customer from your own mailbox.",
    )  # fmt: skip


def test_reading_changes_nothing_and_names_what_is_there(handoff: Terminal, small: Sign) -> None:
    desk = small(SmallDesk(can=frozenset(Capability) - {Capability.GROUPS}, triggers=("Notify requester",)))
    seen = promises(handoff)
    assert seen["who am I"] == ("ok", "Handoff (handoff@team.example), agent, active")
    assert seen["list agents"] == ("ok", "1 agent, 1 of them active")
    assert seen["list triggers"] == ("ok", "could write to customers: Notify requester")
    assert seen["list customers"] == ("ok", "1 customer")
    assert seen["put a ticket into a group"][0] == "cannot"
    assert "list groups" not in seen
    assert "access automation is off until then" in seen["agents, with the administrative credential"][1]
    assert not {"create", "update", "note", "groups"} & set(desk.asked)


def test_the_administrative_credential_is_tried_by_reading(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    small()
    monkeypatch.setenv("HANDOFF_DESK__ADMIN_TOKEN", "a")
    seen = promises(handoff)
    assert seen["list roles"] == ("ok", "2 roles: agent, admin")
    assert seen["groups of handoff@team.example"] == ("ok", "1 group: Support")
    assert seen["tokens of handoff@team.example"] == ("ok", "1 token")
    assert seen["everybody with groups and tokens"] == ("ok", "1 agent, 1 place in groups, 1 token")
    assert seen["count the seats"] == ("ok", "1 taken, 5 in all")


def test_lists_that_leave_somebody_out_are_told(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    small()
    monkeypatch.setenv("HANDOFF_DESK__ADMIN_TOKEN", "a")
    monkeypatch.setattr("tests.desks.small.SmallAccess.everybody", lambda _self: iter(()))
    seen = promises(handoff, code=1)
    assert seen["everybody with groups and tokens"] == ("failed", "lists and agents differ in handoff@team.example")


def test_open_tickets_that_are_somebody_elses_are_told(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small()
    seen = promises(handoff)
    assert seen["open tickets of handoff@team.example"] == ("ok", "0 open tickets")
    draft = TicketDraft("s", "b", Priority.LOW, "Support", "handoff@team.example")
    made = desk.create(draft, key=IdempotencyKey("k"))
    assert promises(handoff)["open tickets of handoff@team.example"] == ("ok", "1 open ticket")
    stale = replace(made, status=TicketStatus.SOLVED)
    monkeypatch.setattr(desk, "assigned", lambda _email: iter((stale,)))
    state, words = promises(handoff, code=1)["open tickets of handoff@team.example"]
    assert (state, words) == ("failed", "#1 is among them, which is solved and with handoff@team.example")


def test_a_person_sees_a_row_for_each_promise(handoff: Terminal, small: Sign) -> None:
    small(SmallDesk(flaw=raises("agents", Rejected("says our credential has no right to this", system="small"))))
    ran = handoff("desk", "check", "freshdesk")
    assert ran.code == 1
    (row,) = [line for line in ran.out.splitlines() if "list agents" in line]
    assert row.split()[2:6] == ["failed", "says", "our", "credential"]
    assert "Smalldesk: 6 ok, 1 failed, 1 cannot." in ran.out


def test_the_throwaway_ticket_goes_through_everything_and_is_solved(handoff: Terminal, small: Sign) -> None:
    desk = small(SmallDesk(fields=(TicketField("root", "Root cause", ("ledger",)), TicketField("why", "Why"))))
    seen = promises(handoff, "--write")
    assert {words for words, (state, _) in seen.items() if state != "ok"} == {
        "agents, with the administrative credential"
    }
    assert seen["write an internal note"][1].endswith("nothing on the ticket is public")
    (ticket,) = desk.tickets.values()
    assert (ticket.status, ticket.assignee, ticket.group) == (TicketStatus.SOLVED, "handoff@team.example", "Support")
    assert dict(ticket.fields) == {"root": "ledger", "why": "handoff check"}
    assert ticket.key is not None
    assert ticket.key.startswith("handoff-check-")


def test_what_the_desk_lacks_is_not_asked_of_it(handoff: Terminal, small: Sign) -> None:
    desk = small(SmallDesk(can=frozenset()))
    seen = promises(handoff, "--write")
    assert seen["find a ticket by our own key"] == ("cannot", "Do it in Smalldesk: find a ticket by our own key.")
    assert not {"find", "groups", "changed", "events", "required_fields"} & set(desk.asked)
    assert [one.status for one in desk.tickets.values()] == [TicketStatus.SOLVED]
    assert seen["write an internal note"][1].endswith("look whether it is there once")


@pytest.mark.parametrize("method", ["find", "get", "note", "events"])
def test_a_broken_promise_is_told_and_the_ticket_solved_all_the_same(
    handoff: Terminal, small: Sign, method: str
) -> None:
    desk = small(SmallDesk(flaw=raises(method, Unavailable("Smalldesk failed", system="small"))))
    seen = promises(handoff, "--write", code=1)
    assert [words for state, words in seen.values() if state == "failed"] == ["Smalldesk failed"]
    assert [one.status for one in desk.tickets.values()] == [TicketStatus.SOLVED]


def test_a_ticket_that_cannot_be_solved_is_left_to_a_person_by_its_address(handoff: Terminal, small: Sign) -> None:
    small(SmallDesk(flaw=raises("update", Rejected("no right", system="small"), times=99)))
    seen = promises(handoff, "--write", code=1)
    assert seen["solve it"] == ("failed", "no right")
    assert seen["leave nothing behind"] == ("cannot", "Solve it by hand: #1 https://desk.example/1")


def test_a_ticket_whose_making_was_not_answered_is_looked_for(handoff: Terminal, small: Sign) -> None:
    lost = raises("created", OutcomeUnknown("no answer", system="small"))
    desk = small(SmallDesk(flaw=lost))
    seen = promises(handoff, "--write", code=1)
    assert seen["look for it by our key"] == ("ok", "it was made all the same: #1")
    assert [one.status for one in desk.tickets.values()] == [TicketStatus.SOLVED]
    desk = small(SmallDesk(flaw=raises("create", OutcomeUnknown("no answer", system="small"))))
    seen = promises(handoff, "--write", code=1)
    assert "should one turn up all the same, its key is handoff-check-" in seen["look for it by our key"][1]
    assert "solve it" not in seen


def test_a_desk_whose_list_lags_is_given_its_time(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)

    class Late(SmallDesk):
        settle_s = 30.0

        def find(self, key: Any, *, since: Any = None) -> Any:
            return super().find(key, since=since) if len(waited) > 3 else None

    small(Late())
    assert promises(handoff, "--write")["find it by our key"][0] == "ok"
    assert waited == [2.0] * 4


class Careless(SmallDesk):
    """Keeps no promise that has to be looked at twice."""

    def find(self, key: Any, *, since: Any = None) -> Any:
        return None

    def note(self, ticket: str, text: str, *, author: Any, key: Any) -> None:
        self.said.append((ticket, TicketEvent(str(len(self.said)), AT, "internal", "Handoff", None, True, text)))

    def update(self, ticket: str, change: Any, *, key: Any) -> None:
        if change.priority is None and change.status is not TicketStatus.PENDING:
            super().update(ticket, change, key=key)


def test_what_the_desk_shows_instead_is_named(handoff: Terminal, small: Sign) -> None:
    small(Careless())
    seen = promises(handoff, "--write", code=1)
    assert seen["find it by our key"][1].endswith("leads to nothing")
    assert seen["write an internal note"][1] == "sent twice with one key, it stands there 2 times as an internal note"
    assert seen["set the status and set it back"][1] == "the status shows open, pending was sent"
    assert seen["change the priority and change it back"][1] == "the priority shows low, normal was sent"
    assert "make it only once" not in seen, "a desk that does not find it may make another"
    assert seen["solve it"][0] == "ok"


def test_nobody_to_assign_to_is_said(handoff: Terminal, small: Sign) -> None:
    small(SmallDesk(people=[DeskAgent("2", "Ines Holt", "ines.holt@example.com", "agent", "suspended")]))
    assert "Nobody of [[people]] is an active agent" in promises(handoff, "--write")["assign it"][1]
    desk = small(SmallDesk(people=[DeskAgent("2", "Ines Holt", "Ines.Holt@example.com", "agent", "active")]))
    promises(handoff, "--write")
    assert [one.assignee for one in desk.tickets.values()] == ["Ines.Holt@example.com"]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("nodesk",), 64, "is no kind of desk; known: builtin"),
        (("--strict",), 64, "--strict belongs to --contract FILE"),
        (("builtin", "--contract", "x", "--write"), 64, "choose one of them"),
        (("builtin",), 1, "The settings name the desk freshdesk, so builtin cannot be asked"),
        (("freshdesk", "--contract", "none.yaml"), 1, "none.yaml: the file cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    handoff: Terminal, small: Sign, args: tuple[str, ...], code: int, words: str
) -> None:
    small()
    ran = handoff("desk", "check", *args)
    assert (ran.code, words in ran.err) == (code, True), ran.err


CALLS = (
    Call("GET", "/tickets", query=("page",), reads=("tickets[].id",)),
    Call("POST", "/tickets", body=("subject", "on"), reads=("id",), inferred=True),
)
CONTRACT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Smalldesk API", "version": "7"},
    "paths": {
        "/tickets": {
            "get": {
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "properties": {
                                        "tickets": {
                                            "type": "array",
                                            "items": {"properties": {"id": {"type": "string"}}},
                                        }
                                    }
                                }
                            }
                        }
                    }
                },
            },
        }
    },
}


def test_a_contract_needs_neither_settings_nor_network(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "freshdesk", small_kind(SmallDesk(), *CALLS))
    file = bare.file("desk.json", json.dumps(CONTRACT))
    ran = bare("desk", "check", "freshdesk", "--contract", file)
    assert ran.code == 0, ran.err
    words = " ".join(ran.out.split())
    assert "POST /tickets inferred, differs method" in words
    assert "Smalldesk against Smalldesk API 7: 2 calls, 1 differ, 1 inferred." in words
    assert "with --strict it is" in ran.err
    strict = bare("desk", "check", "freshdesk", "--contract", file, "--strict", "--json")
    assert (strict.code, strict.json["ok"], strict.json["inferred"]) == (1, False, 1)
    (only,) = strict.json["differences"]
    assert (only["method"], only["path"], only["place"], only["inferred"]) == ("POST", "/tickets", "method", True)
    named = bare("desk", "check", "--contract", file)
    assert (named.code, "Which kind of desk is meant? Known: request_tracker, zendesk" in named.err) == (1, True)


def test_a_certain_call_that_differs_is_an_error(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    certain = Call("DELETE", "/tickets")
    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "freshdesk", small_kind(SmallDesk(), *CALLS, certain))
    file = bare.file("desk.yaml", yaml.safe_dump(CONTRACT))
    ran = bare("desk", "check", "freshdesk", "--contract", file)
    assert (ran.code, "3 calls, 2 differ, 1 inferred" in ran.out) == (1, True)


def test_the_settings_section_gives_the_calls_their_names(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small()
    kind = small_kind(desk)

    def calls(section: Desk) -> tuple[Call, ...]:
        return (Call("GET", f"/{section.url or 'shipped'}"),)

    named = Kind(kind.desk, kind.customers, kind.access, kind.limits, calls)
    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "freshdesk", named)
    file = handoff.file("desk.json", json.dumps(CONTRACT))
    assert (
        handoff("desk", "check", "--contract", file, "--json").json["differences"][0]["path"] == "/https://desk.example"
    )
    handoff.file("team.toml", TEAM)
    (other,) = handoff("desk", "check", "freshdesk", "--contract", file, "--json").json["differences"]
    assert other["path"] == "/shipped"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "neither JSON nor YAML"),
        ("a: b: c", "neither JSON nor YAML"),
        ("[" * 20_000, "neither JSON nor YAML"),
        ('{"swagger": "2.0"}', "this is Swagger 2"),
        ("openapi: 3.1.0\n", "describes no paths"),
        ("", "this is something else"),
    ],
)
def test_a_file_that_is_no_contract_is_refused_in_words(bare: Terminal, text: str, words: str) -> None:
    ran = bare("desk", "check", "builtin", "--contract", bare.file("desk.yaml", text))
    assert (ran.code, ran.err.count("desk.yaml"), words in ran.err) == (1, 1, True), ran.err


def test_yaml_is_read_as_openapi_reads_it(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call("GET", "/a", reads=("on", "no", "2026-11-21"))
    monkeypatch.setitem(cast("dict[str, Kind]", KINDS), "freshdesk", small_kind(SmallDesk(), call))
    text = """
openapi: 3.1.0
paths:
  /a:
    get:
      responses:
        200: {content: {application/json: {schema: {properties: {on: {}, no: {}, 2026-11-21: {readOnly: true}}}}}}
"""
    ran = bare("desk", "check", "freshdesk", "--contract", bare.file("desk.yaml", text), "--json")
    assert (ran.code, ran.json["differences"]) == (0, [])


def test_the_builtin_desk_makes_no_calls(bare: Terminal) -> None:
    ran = bare("desk", "check", "builtin", "--contract", bare.file("desk.json", json.dumps(CONTRACT)))
    assert (ran.code, "nothing to compare" in ran.out) == (0, True)


def test_a_contract_is_read_by_its_content(bare: Terminal) -> None:
    file = bare.file("desk.txt", json.dumps(CONTRACT))
    assert bare("desk", "check", "builtin", "--contract", file).code == 0
