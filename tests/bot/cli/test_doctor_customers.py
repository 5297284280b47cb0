"""`handoff doctor` about customers: sources, their columns, what the desk can keep, tiers that nobody has."""

import pytest

from automations.desks import Capability
from automations.errors import Rejected
from storage import modes
from storage.engine import Database
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.customers_there import SETTINGS, SOURCE
from tests.bot.cli.desks import SECTION, Sign, raises, sqlite_alone
from tests.bot.workspace.room import Room
from tests.desks.small import SmallDesk
from tests.support import START

database_url = sqlite_alone
TWO = SETTINGS.replace('lead = ["U_LEAD1"]', 'lead = ["U_LEAD1", "U_LEAD2"]')


def told(handoff: Terminal, settings: str) -> dict[str, str]:
    """What doctor says about customers with these settings, with how bad it is."""
    handoff.file("team.toml", settings)
    findings = handoff("doctor", "--json").json["findings"]
    return {one["found"]: one["state"] for one in findings if one["area"] == "customers"}


@pytest.fixture
def source(handoff: Terminal) -> Terminal:
    handoff.file("customers.csv", SOURCE)
    return handoff


def test_without_its_section_or_switched_off_nothing_is_read(handoff: Terminal, database: Database) -> None:
    off = {"It is off: no source is read and no customer is changed.": "ok"}
    assert told(handoff, SETTINGS.partition("[customers]")[0]) == off
    assert told(handoff, SETTINGS.replace('mode = "ask"', 'mode = "off"')) == off
    with database.begin() as session:
        modes.set_mode(session, "customers", "off", by="os:root", at=START)
    assert told(handoff, SETTINGS) == off


def test_what_is_well_set_up_is_ok(source: Terminal, room: Room) -> None:
    found = told(source, TWO)
    assert found.pop("It is in mode ask, planned at 02:30 each night, with the fields name, tier.") == "ok"
    assert found.pop("The built-in desk lists its customers.") == "ok"
    read = [words for words in found if words.startswith("crm (customers.csv) is read and has every column in use")]
    assert [found.pop(words) for words in read] == ["ok"]
    assert found == {}
    lost = told(source, TWO.replace("C_CUSTOMERS", "C_NOWHERE"))
    assert [words for words, state in lost.items() if state == "problem"] == [
        "Slack knows no channel C_NOWHERE, or it is private and Handoff is not in it."
    ]


def test_one_who_can_approve_is_a_warning(source: Terminal, room: Room) -> None:
    words = "Only Mara Lind can approve; a sync that the brake stopped needs two people to go on."
    assert told(source, SETTINGS)[words] == "warning"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "customers.csv"),
        ("id,name\nA-1,Northwind\n", "plan"),
        ("", "customers.csv"),
        ("id,name,plan\n", "customers.csv"),
    ],
)
def test_a_source_that_cannot_be_read_or_lacks_a_column_is_a_problem(
    handoff: Terminal, text: str | None, words: str
) -> None:
    if text is not None:
        handoff.file("customers.csv", text)
    (found,) = [one for one, state in told(handoff, TWO).items() if state == "problem"]
    assert words in found


def test_a_source_that_cannot_be_opened_is_a_problem(handoff: Terminal) -> None:
    file = 'kind = "file"\npath = "customers.csv"'
    sql = 'kind = "sql"\nurl = "nonsense"\nquery = "select id, name, plan from account"'
    (found,) = [one for one, state in told(handoff, TWO.replace(file, sql)).items() if state == "problem"]
    assert "customers.sources.crm" in found


def test_settings_that_name_what_is_not_there_are_problems(source: Terminal) -> None:
    wrong = TWO.replace("[customers]\n", '[customers]\nchannel = "nowhere"\n')
    (found,) = told(source, wrong).items()
    assert found[0].startswith("customers.channel: there is no channel 'nowhere'")
    owner = TWO.replace("[customers]\n", '[customers]\nowner = "gone@example.com"\n')
    (found,) = told(source, owner).items()
    assert found[0].startswith("customers.owner: nobody under [[people]]")


def test_no_field_is_a_problem(source: Terminal) -> None:
    bare = TWO.partition("[[customers.sources]]")[0]
    assert told(source, bare)["No field is named, so nothing is synchronized."] == "problem"


def test_an_owner_whom_slack_does_not_know_is_a_warning(source: Terminal) -> None:
    nobody = TWO.replace('email = "mara.lind@example.com"\nslack = "U_LEAD1"', 'email = "mara.lind@example.com"')
    assert nobody != TWO
    words = "Mara Lind, its owner, has no Slack user here and cannot be told."
    assert told(source, nobody)[words] == "warning"


def test_tiers_that_no_mapping_produces_are_named_with_where_they_stand(source: Terminal) -> None:
    others = """
[escalation]
tiers = ["gold"]

[[sla]]
name = "best"
tier = "ent*"
first_reply = "1h"

[[sla]]
name = "platinum"
tier = ["platinum", "Pro"]
first_reply = "2h"

[[triage.intents]]
name = "billing"
queue = "Billing"

[[triage.rules]]
name = "vip"
tier = ["vip"]
intent = "billing"
"""
    warned = [words for words, state in told(source, TWO + others).items() if state == "warning" and "tier" in words]
    assert warned == [
        "[[sla]] platinum speaks of the tier 'platinum', which no customer gets: enterprise, pro.",
        "[[triage.rules]] vip speaks of the tier 'vip', which no customer gets: enterprise, pro.",
        "escalation.tiers speaks of the tier 'gold', which no customer gets: enterprise, pro.",
    ]
    free = TWO.replace('values = { ENT = "enterprise", PRO = "pro" }\n', "")
    assert not [words for words in told(source, free + others) if "speaks of the tier" in words]


def test_what_the_desk_cannot_do_is_said(source: Terminal, small: Sign) -> None:
    desk = SmallDesk(can=frozenset(Capability) - {Capability.REFERENCES, Capability.CUSTOMER_SUSPENDS})
    small(desk)
    found = told(source, TWO + SECTION)
    assert any("keeps no reference of ours" in words and state == "warning" for words, state in found.items())
    assert any("cannot suspend a customer" in words and state == "warning" for words, state in found.items())


def test_a_field_that_the_desk_cannot_keep_is_a_problem(source: Terminal, small: Sign) -> None:
    small(SmallDesk(can=frozenset(Capability) - {Capability.CUSTOMER_FIELDS}))
    (found,) = told(source, TWO + SECTION).items()
    assert found[0].startswith('customers.fields: tier is to be brought to the desk (direction = "to_desk").')
    assert found[1] == "problem"


def test_a_desk_that_does_not_show_its_customers_is_a_problem(source: Terminal, small: Sign) -> None:
    refuses = raises("customers", Rejected("403, no right to see organizations", system="small"))
    small(SmallDesk(flaw=refuses))
    found = told(source, TWO + SECTION)
    assert found["Smalldesk does not show its customers: 403, no right to see organizations"] == "problem"


def test_a_desk_without_customers_is_no_fault(source: Terminal, small: Sign) -> None:
    small(SmallDesk(can=frozenset(Capability) - {Capability.CUSTOMERS}))
    here = TWO.replace('source = "crm"\n', 'source = "crm"\ndirection = "to_handoff"\n')
    assert told(source, here + SECTION)["Smalldesk keeps no customers, so they are kept in Handoff alone."] == "ok"
