"""Customers from the terminal: on paper nothing is stored; what is kept is decided group by group and followed."""

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.builtin.limits import CAPABILITIES
from automations.customer_context.applying import Applying
from automations.customer_context.context import CustomerContext
from automations.customer_context.syncing import Syncing
from automations.desks import Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected
from automations.failure_tickets.context import Context
from automations.runs.advance import Runner
from bot.cli import customers_act
from bot.cli.options import Opened
from bot.cli.run_opened import customers_of
from bot.customers_side import open_customer_doors
from bot.settings_file import load
from storage import audit
from storage.engine import Database
from storage.models import AuditEntry, CustomerConflict, KnownCustomer, Run
from tests.bot.cli.conftest import INES, MARA, TEAM, Ran, Terminal
from tests.bot.cli.plans import Nobody

CUSTOMERS = """
[customers]
mode = "ask"
channel = "customers"
brake_least = 10

[[customers.fields]]
name = "name"
source = "crm"
decision = "What messages call the customer"

[[customers.fields]]
name = "tier"
source = "crm"
column = "plan"
values = { PRO = "pro", ENT = "enterprise" }
decision = "How soon tickets are due"

[[customers.sources]]
name = "crm"
kind = "file"
path = "accounts.csv"
"""
SETTINGS = TEAM.replace("[roles]", 'customers = "C_CUSTOMERS"\n\n[roles]') + CUSTOMERS
ROWS = "id,name,plan\na-1,Acme GmbH,PRO\nb-2,Bell & Co,ENT\nc-3,Corda,\n"
SYNC = ("customers", "sync")
APPLY = (*SYNC, "--apply")


@dataclass
class Team:
    """The command line of a team that keeps customers, its desk, and a bot that runs when it is let."""

    handoff: Terminal
    database: Database
    context: Context

    @property
    def desk(self) -> BuiltinCustomers:
        return BuiltinCustomers(self.database)

    def rows(self, text: str) -> None:
        self.handoff.file("accounts.csv", text)

    def tiers(self) -> dict[str, str]:
        """What the desk has, by name."""
        return {one.name: one.tier for one in self.desk.customers()}

    def go(self) -> None:
        """What a running bot does: plan what was asked for and carry out what was confirmed."""
        settings = load().settings
        here = Opened(settings, self.database, replace(self.context, desk_can=CAPABILITIES))
        doors = open_customer_doors(settings, self.context.clock, self.desk)

        def context() -> CustomerContext:
            return customers_of(here)

        applying = Applying(self.database, doors, context)
        kinds = {one.name: one for one in (Syncing(self.database, doors).kind, applying.kind)}
        runner = Runner(self.database, kinds, applying.actions, Nobody(), lambda _automation: context())
        with self.database.read() as session:
            ids = list(session.scalars(select(Run.id).order_by(Run.id)))
        for run_id in ids:
            runner.plan(run_id)
            while runner.advance(run_id):
                pass

    def runs(self) -> list[tuple[str, str, str]]:
        """Kind, state and who asked, of every run."""
        with self.database.read() as session:
            return [(run.kind, run.state, run.requested_by) for run in session.scalars(select(Run).order_by(Run.id))]

    def written(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0

    def known(self) -> dict[str, str]:
        with self.database.read() as session:
            return {one.account: one.tier for one in session.scalars(select(KnownCustomer))}

    def groups(self) -> dict[str, dict[str, Any]]:
        """The groups of the newest sync, by what they do."""
        return {one["words"]: one for one in self.handoff("customers", "groups", "--json").json["groups"]}

    def synced(self) -> Ran:
        """Everything that the file has, in the desk."""
        self.handoff(*APPLY)
        run = self.runs()[-1]
        assert run[:2] == ("customers", "done")
        return self.handoff("customers", "approve-all", str(len(self.runs())), *MARA, "--yes")


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: runs and syncs are tested on both."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


@pytest.fixture
def team(handoff: Terminal, database: Database, context: Context, monkeypatch: pytest.MonkeyPatch) -> Team:
    """Three customers in the file, none in the desk."""
    monkeypatch.setenv("COLUMNS", "240")
    handoff.file("team.toml", SETTINGS)
    made = Team(handoff, database, context)
    made.rows(ROWS)
    return made


@pytest.fixture
def bot(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A bot that runs, and is quick."""

    def running(_database: Database) -> bool:
        team.go()
        return True

    monkeypatch.setattr("bot.cli.run_follow.bot_running", running)
    return team


class TestOnPaper:
    def test_it_is_printed_and_nothing_is_stored(self, team: Team) -> None:
        before = team.written()
        ran = team.handoff(*SYNC)
        assert ran.code == 2
        for words in ("crm (accounts.csv)", "3 rows", "Customers: 3 added.", "new customers", "Acme GmbH (a-1)"):
            assert words in ran.out, words
        assert "Nothing was stored or changed. --apply keeps it" in ran.err
        assert (team.runs(), team.known(), team.written(), team.tiers()) == ([], {}, before, {})

    def test_json_has_every_customer_of_every_group(self, team: Team) -> None:
        ran = team.handoff(*SYNC, "--json")
        assert ran.code == 2
        found = ran.json
        assert found["counts"] == {
            "added": 3, "changed": 0, "suspended": 0, "unchanged": 0, "conflicted": 0, "rejected": 0,
        }  # fmt: skip
        (group,) = found["groups"]
        assert (group["kind"], group["words"]) == ("added", "new customers")
        assert [one["account"] for one in group["changes"]] == ["a-1", "b-2", "c-3"]
        assert group["changes"][1]["values"]["tier"] == "enterprise"
        assert found["sources"][0]["rows"] == 3

    def test_what_cannot_be_taken_is_said_with_its_reason(self, team: Team) -> None:
        team.rows(f"{ROWS}d-4,Dorn,GOLD\na-1,Acme,PRO\n")
        ran = team.handoff(*SYNC)
        assert "1 rejected" in ran.out
        assert "GOLD" in ran.out
        found = team.handoff(*SYNC, "--json").json
        assert [(one["source"], one["row_key"]) for one in found["rejected"]] == [("crm", "d-4")]
        assert [(one["kind"], one["account"]) for one in found["conflicts"]] == [("two_rows", "a-1")]

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ("id,name,plan\n", "told of no customer at all"),
            ("id,name\na-1,Acme\n", "the column 'plan' is missing"),
            ("id,name,plan\na-1,Acme", "its last line has no end"),
        ],
    )
    def test_a_source_that_is_cut_is_an_error_and_nobody_left(self, bot: Team, rows: str, words: str) -> None:
        bot.rows(rows)
        for more in ((), ("--json",)):
            ran = bot.handoff(*SYNC, *more)
            assert (ran.code, ran.out, words in ran.err) == (1, "", True)
        kept = bot.handoff(*APPLY)
        assert (kept.code, words in kept.out) == (1, True)
        assert bot.runs()[0][1] == "refused"

    def test_nothing_to_do_is_nothing(self, bot: Team) -> None:
        assert bot.synced().code == 0
        ran = bot.handoff(*SYNC)
        assert (ran.code, "Customers: 3 unchanged." in ran.out, ran.err) == (0, True, "")


class TestKept:
    def test_a_sync_is_kept_and_its_groups_are_shown(self, bot: Team) -> None:
        ran = bot.handoff(*APPLY, *MARA)
        assert ran.code == 2
        assert "GROUP-1" in ran.out
        assert "customers approve GROUP" in ran.err
        assert bot.runs() == [("customers", "done", "os:typist")]
        assert bot.tiers() == {}
        shown = bot.handoff("customers", "groups", "RUN-1", "--json").json
        assert (shown["ref"], shown["groups"][0]["ref"]) == ("RUN-1", "GROUP-1")

    def test_an_agent_asks_for_none(self, bot: Team) -> None:
        ran = bot.handoff(*APPLY, *INES)
        assert (ran.code, "needs the role lead" in ran.err) == (1, True)
        assert bot.runs() == []

    def test_without_a_bot_it_is_asked_for(self, team: Team) -> None:
        ran = team.handoff(*APPLY, "--whole")
        assert (ran.code, "No bot is running" in ran.err) == (2, True)
        assert ran.out == "RUN-1 is asked for.\n"
        again = team.handoff(*APPLY)
        assert (again.code, "RUN-1" in again.err) == (1, True)

    def test_a_group_is_approved_and_followed_until_it_is_read_back(self, bot: Team) -> None:
        bot.handoff(*APPLY)
        ran = bot.handoff("customers", "approve", "GROUP-1", *MARA, "--yes")
        assert ran.code == 0
        assert "3 customers" in ran.out
        assert bot.tiers() == {"Acme GmbH": "pro", "Bell & Co": "enterprise", "Corda": ""}
        assert bot.known() == {"a-1": "pro", "b-2": "enterprise", "c-3": ""}
        bot.rows(ROWS.replace("PRO", "ENT"))
        assert bot.handoff(*APPLY).code == 2
        changed = bot.groups()["tier pro → enterprise"]
        assert (changed["size"], changed["decision"]) == (1, "How soon tickets are due")
        assert bot.handoff("customers", "approve", str(changed["id"]), *MARA, "--yes").code == 0
        assert bot.tiers()["Acme GmbH"] == "enterprise"
        assert bot.handoff(*APPLY).code == 0

    def test_what_the_desk_refuses_makes_it_partial(self, bot: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        make = BuiltinCustomers.create_customer

        def refuses(self: BuiltinCustomers, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
            if customer.name == "Corda":
                raise Rejected("The desk takes no Corda", system="builtin", code="no")
            return make(self, customer, key=key)

        bot.handoff(*APPLY)
        with monkeypatch.context() as patch:
            patch.setattr(BuiltinCustomers, "create_customer", refuses)
            ran = bot.handoff("customers", "approve", "1", *MARA, "--yes")
        assert ran.code == 3
        assert set(bot.tiers()) == {"Acme GmbH", "Bell & Co"}
        assert "The desk takes no Corda" in bot.handoff("customers", "rejected").out
        assert bot.handoff("runs", "retry", "2", "1", *MARA).code == 0
        assert set(bot.tiers()) == {"Acme GmbH", "Bell & Co", "Corda"}

    def test_without_a_yes_nothing_is_carried_out(self, bot: Team) -> None:
        bot.handoff(*APPLY)
        for asked in (("approve", "1"), ("approve-all", "RUN-1")):
            ran = bot.handoff("customers", *asked, *MARA)
            assert (ran.code, "Nobody can be asked here" in ran.err) == (2, True)
        assert bot.tiers() == {}

    def test_an_agent_decides_nothing_and_it_is_written_down(self, bot: Team) -> None:
        bot.handoff(*APPLY)
        why = ("--because", "why not")
        for verb in (("approve", "1", "--yes"), ("hold", "1", *why), ("reject", "1", *why), ("rollback", "last")):
            ran = bot.handoff("customers", *verb, *INES)
            assert (ran.code, "Only a lead" in ran.err) == (1, True), verb
        assert bot.groups()["new customers"]["state"] == "open"
        entries = bot.handoff("audit", "list", "--actor", "os:typist", "--json").json
        refused = [one["action"] for one in entries if one["outcome"] == "refused"]
        assert sorted(refused) == [
            "command.customers.rollback", "command.group.approve", "command.group.hold", "command.group.reject",
        ]  # fmt: skip

    def test_a_group_is_held_let_go_and_rejected(self, bot: Team) -> None:
        bot.handoff(*APPLY)
        states = []
        for verb in (("hold", "--because", "after the audit"), ("let-go",), ("reject", "--because", "test accounts")):
            assert bot.handoff("customers", verb[0], "group 1", *verb[1:], *MARA).code == 0
            states.append(bot.groups()["new customers"]["state"])
        assert states == ["held", "open", "rejected"]
        gone = bot.handoff("customers", "let-go", "1", *MARA)
        assert (gone.code, "GROUP-1 is rejected by Mara Lind" in gone.err) == (1, True)
        assert bot.handoff(*SYNC).code == 0
        assert bot.handoff("customers", "hold", "1", *MARA).code == 64

    def test_what_the_brake_stops_waits_for_two_people(self, bot: Team) -> None:
        bot.synced()
        bot.handoff.file("team.toml", SETTINGS.replace("brake_least = 10", "brake_least = 0"))
        bot.rows(ROWS.replace("PRO", "ENT"))
        paper = bot.handoff(*SYNC)
        assert (paper.code, "two people have to let it go on" in paper.out) == (2, True)
        ran = bot.handoff(*APPLY, *MARA)
        assert (ran.code, "2 people have to let RUN-3 go on" in ran.err) == (2, True)
        assert bot.runs()[-1][1] == "proposed"
        number = bot.groups()["tier pro → enterprise"]["id"]
        decided = bot.handoff("customers", "approve", str(number), *MARA, "--yes")
        assert (decided.code, "two people have to let it go on first" in decided.err) == (1, True)

    def test_the_last_run_and_one_customer_are_taken_back(self, bot: Team) -> None:
        bot.synced()
        bot.rows(ROWS.replace("PRO", "ENT").replace("b-2,Bell & Co,ENT", "b-2,Bell,PRO"))
        assert bot.synced().code == 0
        assert bot.tiers() == {"Acme GmbH": "enterprise", "Bell": "pro", "Corda": ""}
        assert bot.handoff("customers", "rollback", "b-2", *MARA).code == 2, "nobody can be asked"
        assert bot.handoff("runs", "approve", str(len(bot.runs())), *MARA, "--yes").code == 0
        assert bot.tiers() == {"Acme GmbH": "enterprise", "Bell & Co": "enterprise", "Corda": ""}
        assert bot.handoff("customers", "rollback", "last", *MARA, "--yes").code == 0
        assert bot.tiers()["Acme GmbH"] == "pro"
        assert bot.handoff(*SYNC).code == 0, "what was taken back is not planned again"
        nobody = bot.handoff("customers", "rollback", "z-9", *MARA)
        assert (nobody.code, "z-9" in nobody.err) == (1, True)


@pytest.fixture
def split(bot: Team) -> Team:
    """Somebody changed two tiers in the desk, and the source changed them too."""
    bot.synced()
    for one in list(bot.desk.customers()):
        if one.tier:
            bot.desk.update_customer(one.id, CustomerChange(tier="silver"))
    bot.rows(ROWS.replace("PRO", "XXX").replace("ENT", "PRO").replace("XXX", "ENT"))
    bot.handoff(*APPLY)
    return bot


class TestConflicts:
    def test_they_are_listed_with_both_values_and_the_rule(self, split: Team) -> None:
        ran = split.handoff("customers", "conflicts")
        for words in ("Acme GmbH (a-1), tier", "enterprise", "silver", "crm, the source of truth"):
            assert words in ran.out, words
        found = split.handoff("customers", "conflicts", "--json").json
        assert [(one["ref"], one["account"], one["kind"]) for one in found] == [
            ("CONFLICT-1", "a-1", "differs"), ("CONFLICT-2", "b-2", "differs"),
        ]  # fmt: skip

    def test_one_is_taken_from_the_source_and_one_kept(self, split: Team) -> None:
        taken = split.handoff("customers", "take", "CONFLICT-1", *MARA)
        assert (taken.code, split.tiers()["Acme GmbH"]) == (0, "enterprise")
        kept = split.handoff("customers", "keep", "2", "--because", "their contract", "--until", "30d", *MARA)
        assert (kept.code, "keeps its value until" in kept.out) == (0, True)
        assert split.tiers()["Bell & Co"] == "silver"
        assert split.handoff("customers", "conflicts", "--json").json == []
        assert split.handoff(*SYNC).code == 0
        with split.database.read() as session:
            assert set(session.scalars(select(CustomerConflict.state))) == {"taken", "kept"}

    def test_a_whole_field_is_settled_at_once(self, split: Team) -> None:
        asked = split.handoff("customers", "take", "tier", *MARA)
        assert (asked.code, "Take the source's tier for 2 customers?" in asked.err) == (2, True)
        assert split.handoff("customers", "ignore", "tier", *MARA).code == 0
        unknown = split.handoff("customers", "ignore", "tier", *MARA)
        assert (unknown.code, "no field with open conflicts. Such are: none" in unknown.err) == (1, True)
        assert set(split.tiers().values()) == {"silver", ""}

    def test_a_whole_field_is_taken_by_one_run(self, split: Team) -> None:
        assert split.handoff("customers", "take", "tier", "--yes", *MARA).code == 0
        assert split.tiers() == {"Acme GmbH": "enterprise", "Bell & Co": "pro", "Corda": ""}

    def test_where_two_have_to_say_yes_the_terminal_is_neither(self, split: Team) -> None:
        split.handoff.file("team.toml", SETTINGS.replace("brake_least = 10", "brake_least = 0"))
        ran = split.handoff("customers", "take", "tier", "--yes", *MARA)
        assert (ran.code, "need two people" in ran.err) == (1, True)
        assert set(split.tiers().values()) == {"silver", ""}

    def test_an_agent_settles_nothing(self, split: Team) -> None:
        for verb in (("take", "1"), ("ignore", "1"), ("keep", "1", "--because", "x", "--until", "1d")):
            ran = split.handoff("customers", *verb, *INES)
            assert (ran.code, "Only a lead" in ran.err) == (1, True), verb
        assert split.handoff("customers", "keep", "1", "--because", "x", "--until", "yesterday", *MARA).code == 1
        assert len(split.handoff("customers", "conflicts", "--json").json) == 2


class TestLooking:
    def test_customers_are_found_and_shown(self, bot: Team) -> None:
        assert bot.handoff("customers", "list").out == "Nothing to show.\n"
        bot.synced()
        assert "Bell & Co" in bot.handoff("customers", "list").out
        found = bot.handoff("customers", "list", "acme", "--json").json
        assert (found["total"], found["customers"][0]["account"]) == (1, "a-1")
        ran = bot.handoff("customers", "show", "a-1")
        for words in ("Acme GmbH", "pro", "How soon tickets are due", "crm", "RUN-2"):
            assert words in ran.out, words
        sheet = bot.handoff("customers", "show", "a-1", "--json").json
        assert (sheet["tier"], sheet["status"]) == ("pro", "active")
        nobody = bot.handoff("customers", "show", "z-9")
        assert (nobody.code, "no customer with the account id z-9" in nobody.err) == (1, True)

    def test_rejected_rows_are_listed_and_dismissed(self, bot: Team) -> None:
        bot.rows(f"{ROWS}d-4,Dorn,GOLD\n")
        bot.handoff(*APPLY)
        assert "GOLD" in bot.handoff("customers", "rejected").out
        (line,) = bot.handoff("customers", "rejected", "--json").json
        assert (line["ref"], line["row_key"], line["tries"]) == ("REJECTED-1", "d-4", 1)
        refused = bot.handoff("customers", "dismiss", "REJECTED-1", *INES)
        assert (refused.code, "Only a lead" in refused.err) == (1, True)
        assert bot.handoff("customers", "dismiss", "REJECTED-1", *MARA).code == 0
        assert bot.handoff("customers", "rejected").out == "Nothing to show.\n"
        assert len(bot.handoff("customers", "rejected", "--dismissed", "--json").json) == 1

    def test_all_of_a_sync_is_exported(self, bot: Team) -> None:
        none = bot.handoff("customers", "export")
        assert (none.code, "There was no sync yet" in none.err) == (1, True)
        bot.rows(f"{ROWS}d-4,=1+1,GOLD\n")
        bot.handoff(*APPLY)
        ran = bot.handoff("customers", "export", "RUN-1", "--csv", "all.csv")
        assert (ran.code, "4 rows of RUN-1 were written" in ran.out) == (0, True)
        written = (bot.handoff.folder / "all.csv").read_bytes()
        assert written == bot.handoff("customers", "export").out.encode()
        rows = list(csv.DictReader(io.StringIO(written.decode())))
        assert [row["what"] for row in rows] == ["change", "change", "change", "rejected"]
        assert bot.handoff("customers", "export", "--json").json == rows
        assert "is there already" in bot.handoff("customers", "export", "--csv", "all.csv").err
        assert bot.handoff("customers", "export", "--csv", "all.csv", "--force").code == 0

    def test_what_is_not_there_is_said(self, bot: Team) -> None:
        for args in (("approve", "GROUP-9", *MARA), ("take", "CONFLICT-9", *MARA), ("groups", "RUN-9")):
            assert bot.handoff("customers", *args).code == 1, args
        for args in (("approve", "the first", *MARA), ("dismiss", "R-1", *MARA), ("groups", "all")):
            ran = bot.handoff("customers", *args)
            assert (ran.code, "looks like" in ran.err) == (1, True), args
        assert bot.handoff("customers", "take", "1").code == 64


def test_a_run_of_somebody_else_is_never_taken_for_ones_own(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a run stands in line, from before the look at the newest one: `--yes` would confirm theirs."""
    order: list[str] = []

    def noted(name: str, whole: Callable[..., Any], *given: Any) -> Any:
        order.append(name)
        return whole(*given)

    for module, name in ((audit, "hold"), (customers_act, "_newest")):
        monkeypatch.setattr(module, name, partial(noted, name, getattr(module, name)))
    assert team.handoff("customers", "rollback", "last", *MARA).code != 0
    assert order[:2] == ["hold", "_newest"]


def test_hostile_values_do_not_reach_the_terminal(bot: Team) -> None:
    bot.rows("id,name,plan\na-1,\x1b[31mred\x1b[0m <!channel>,PRO\nb-2,bell,ENT\n")
    for args in (SYNC, APPLY, ("customers", "rejected"), ("customers", "export"), ("customers", "list")):
        ran = bot.handoff(*args)
        assert "\x1b" not in ran.out + ran.err


def test_a_secret_in_a_row_is_redacted(bot: Team) -> None:
    token = "ghp_" + "a1B2" * 9
    bot.rows(f"id,name,plan\na-1,{token},{token}\n")
    for args in (SYNC, (*SYNC, "--json"), APPLY, ("customers", "rejected", "--json"), ("customers", "export")):
        ran = bot.handoff(*args)
        assert token not in ran.out + ran.err


def test_without_customers_in_the_settings_it_is_said(handoff: Terminal, database: Database) -> None:
    for args in (SYNC, APPLY, ("customers", "list"), ("customers", "conflicts"), ("customers", "approve", "1", *MARA)):
        ran = handoff(*args)
        assert (ran.code, "There is no [customers] in the settings" in ran.err) == (1, True), args
