"""From [customers] to the context of customers; what it names has to be there, and the desk able to keep it."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context.rules import CustomerField, Direction
from automations.desks import Capability, cannot
from automations.domain import Mode
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from bot.customers_parts import OF_CUSTOMERS, make_customer_context, why_not_kept
from bot.desk import limits_of
from bot.parts import make_context, make_terms
from bot.settings import Settings
from bot.settings_customers import CustomersSection
from storage.engine import Database
from tests.support import FakeClock, RecordingJobs

EXAMPLE = (Path(__file__).parents[2] / "handoff.example.toml").read_text(encoding="utf-8")
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SOURCE = {"name": "crm", "kind": "file", "path": "customers.csv"}
DECISION = "How soon their tickets are due."


def field(name: str, **given: Any) -> dict[str, Any]:
    kind = {"type": "domains"} if name == "domains" else {}
    return {"name": name, "source": "crm", "decision": DECISION, **kind, **given}


def section(*names: str, **given: Any) -> CustomersSection:
    fields = [field(name) for name in names or ("name", "tier")]
    return CustomersSection.model_validate(
        {"mode": "ask", "channel": "access", "sources": [SOURCE], "fields": fields} | given
    )


def settings(customers: CustomersSection | None) -> Settings:
    """The example's settings without its secrets, and with this section."""
    lines = [line for line in EXAMPLE.splitlines() if "_file = " not in line and not line.startswith("token")]
    others = {name: value for name, value in tomllib.loads("\n".join(lines)).items() if name != "customers"}
    return Settings.model_validate(others).model_copy(update={"customers": customers})


@pytest.fixture
def context(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Context:
    limits = limits_of()["builtin"]
    lacks = cannot(limits.TITLE, limits.BY_HAND)
    given = settings(None)
    return make_context(
        given, database, "builtin", clock=clock, jobs=jobs, desk_can=limits.CAPABILITIES, desk_cannot=lacks
    )


def test_the_section_comes_to_a_context(database: Database, context: Context) -> None:
    given = settings(section(expires_after="3d", whole_every="2d", note_open_cases=False))
    made = make_terms(given, context, book=BuiltinCustomers(database)).customers
    assert made is not None
    assert (made.automation, made.mode, made.channel, made.owner) == (
        "customers", Mode.ASK, "C0ACCESS0", given.failure_tickets.default_owner,
    )  # fmt: skip
    assert made.rules == given.customers
    assert (made.desk_title, made.desk_can) == ("The built-in desk", OF_CUSTOMERS)
    assert (made.expires_after, made.whole_every_s, made.note_open_cases) == (timedelta(days=3), 2 * 86_400.0, False)


def test_beside_the_bot_the_desk_is_taken_for_what_its_kind_can(context: Context) -> None:
    made = make_customer_context(settings(section()), context, desk_title="The built-in desk")
    assert made is not None
    assert (made.desk_title, made.desk_can) == ("The built-in desk", OF_CUSTOMERS)


def test_of_a_desk_of_which_nothing_is_known_everything_is_believed(context: Context) -> None:
    made = make_customer_context(settings(section()), replace(context, desk_can=frozenset()), desk_title="Elsewhere")
    assert made is not None
    assert (made.desk_title, made.desk_can) == ("Elsewhere", frozenset())


def test_without_the_section_there_are_no_customers(context: Context) -> None:
    assert make_customer_context(settings(None), context, desk_title="x") is None
    assert make_terms(settings(None), context).customers is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"channel": "nowhere"}, "customers.channel: there is no channel 'nowhere' under"),
        ({"owner": "gone@northwind.example"}, "customers.owner: nobody under .*gone@northwind.example"),
    ],
)
def test_what_it_names_has_to_be_there(context: Context, given: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_customer_context(settings(section(**given)), context, desk_title="x")


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("builtin", set()),
        ("zendesk", set()),
        ("freshdesk", set()),
        ("intercom", {"domains"}),
        ("muninx", {"tier", "region"}),
        ("request_tracker", {"name", "domains", "status", "tier", "region"}),
    ],
)
def test_fields_that_a_desk_cannot_keep_are_named_with_what_to_set(
    database: Database, clock: FakeClock, jobs: RecordingJobs, kind: str, names: set[str]
) -> None:
    every = ("name", "domains", "status", "tier", "region")
    limits = limits_of()[kind]
    lacks = cannot(limits.TITLE, limits.BY_HAND)
    refused = {
        name: words
        for name in every
        if (words := why_not_kept(CustomerField(**field(name)), limits.CAPABILITIES, lacks))
    }
    assert set(refused) == names
    for name, words in refused.items():
        assert words.startswith(f"customers.fields: {name} is to be brought to the desk")
        assert f"{limits.TITLE} cannot " in words
        assert 'Set direction = "to_handoff"' in words
        here = CustomerField(**field(name, direction="to_handoff"))
        assert why_not_kept(here, limits.CAPABILITIES, lacks) == ""
    given = settings(section(*every))
    context = make_context(
        given, database, kind, clock=clock, jobs=jobs, desk_can=limits.CAPABILITIES, desk_cannot=lacks
    )
    if not names:
        assert make_customer_context(given, context, desk_title=limits.TITLE) is not None
        return
    with pytest.raises(ConfigError) as told:
        make_customer_context(given, context, desk_title=limits.TITLE)
    assert str(told.value).splitlines() == list(refused.values())


def test_a_field_is_kept_only_where_customers_are(context: Context) -> None:
    tier = CustomerField(**field("tier"))
    assert tier.direction is Direction.TO_DESK
    only_fields = frozenset({Capability.CUSTOMER_FIELDS})
    words = why_not_kept(tier, only_fields, {Capability.CUSTOMERS: "The desk cannot create and update customers."})
    assert "The desk cannot create and update customers." in words
    assert "The desk cannot keep it." in why_not_kept(tier, frozenset(), {})
