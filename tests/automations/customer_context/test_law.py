"""The law: whatever both sides are and whoever edits them, what is approved becomes true, once, and nothing else does.

Over real rows and the built-in desk. After the groups of a sync are carried out the next one plans nothing and writes
nothing, nothing is deleted, no field changed that nobody named, and whatever still differs stands in the ledger.
"""

import shutil
import tempfile
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, none, sampled_from

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context import ledger
from automations.customer_context.canonical import BadValue, canonical, joined, same, shown
from automations.customer_context.rules import Blank, CustomerField, CustomerRules, Direction
from automations.desks import Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import NotFound, Refused
from automations.plan import RunState
from storage import audit
from storage.engine import Database
from tests.automations.customer_context.synced import DECISION, LEA, Synced, written
from tests.support import FakeClock, RecordingJobs

FIELDS: Final = (
    CustomerField(name="name", source="crm", decision=DECISION),
    CustomerField(name="domains", source="crm", type="domains", blank="clear", decision=DECISION),
    CustomerField(name="status", source="crm", decision=DECISION),
    CustomerField(
        name="tier", source="crm", blank="clear", values={"PRO": "pro", "ENT": "Enterprise"}, decision=DECISION
    ),
    CustomerField(name="region", source="crm", blank="conflict", decision=DECISION),
    CustomerField(name="seats", source="crm", type="number", direction="to_handoff", blank="clear", decision=DECISION),
    CustomerField(name="manager", source="desk", direction="to_handoff", decision=DECISION),
)
RULES: Final = CustomerRules(fields=FIELDS, brake_least=1_000)

IN_DESK: Final = tuple(one for one in FIELDS if one.direction is Direction.TO_DESK and one.name != "status")

KEYS: Final = ["1", "2", "3", "4", "5"]
ACCOUNTS: Final = ["A", "B", " B ", "C", "", "Ö-1"]
NAMES: Final = ["Acme", " Acme  Ltd ", "Berg", "Ærø & Søn", "", None, "x" * 300]
DOMAINS: Final = ["a.example", "A.example, b.example", "b.example;c.example", "", None, "no domain!"]
TIERS: Final = ["PRO", "ent", "", None, "GOLD"]
REGIONS: Final = ["north", "South", "", None]
SEATS: Final = ["5", "005", "5.0", "7", "", None, "many"]
STATUSES: Final = ["active", "Suspended", "", None, "odd"]
OWN: Final = ["", "nora", "ben"]
EDITS: Final[dict[str, list[str | None]]] = {
    "name": ["Acme", "Berg", ""],
    "domains": ["a.example, d.example", "c.example", ""],
    "tier": ["PRO", "ENT", "", "GOLD"],
    "region": ["north", "south", ""],
    "seats": ["5", "7", ""],
    "status": ["active", "suspended"],
}
STANDING: Final = ("open", "taking", "kept", "ignored")
PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
"""Without an explanation of what fails, which takes minutes on Python 3.11."""
QUIET: Final = {"customer", "customer_domain", "customer_group", "customer_change", "desk_customer"}


class Law(RuleBasedStateMachine):
    """One company with a handful of customers, of whom people and programs say all sorts of things."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-law-"))
        shutil.copyfile(self.template, self.folder / "law.db")
        self.database = Database(f"sqlite:///{self.folder / 'law.db'}")
        self.desk = BuiltinCustomers(self.database)
        self.here = Synced(self.database, FakeClock(), RecordingJobs(), book=None, door=self.desk, rules=RULES)
        self.people: dict[str, Customer] = {}
        self.accounts: set[str] = set()
        self.agreed: dict[tuple[str, str, str], str] = {}

    @initialize()
    def begin(self) -> None:
        """Three customers whom both sides have, and agree on."""
        for number, account in enumerate("ABC", start=1):
            domain = f"{account.lower()}.example"
            columns = {"name": f"Customer {account}", "domains": domain, "tier": "PRO", "region": "north"}
            self.here.source.put(str(number), **{**columns, "seats": "5", "status": "active", "id": account})
            self.somebody_makes(f"Customer {account}", account, (domain,), "pro", "nora", "", region="north")
        self.sync()

    def teardown(self) -> None:
        with self.database.read() as session:
            assert audit.verify(session).ok
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(
        key=sampled_from(KEYS),
        account=sampled_from(ACCOUNTS),
        name=sampled_from(NAMES),
        domains=sampled_from(DOMAINS),
        tier=sampled_from(TIERS),
        region=sampled_from(REGIONS),
        seats=sampled_from(SEATS),
        status=sampled_from(STATUSES),
    )
    def upstream_says(self, key: str, account: str, **columns: str | None) -> None:
        self.here.source.put(key, **{**columns, "id": account})

    @rule(place=integers(0, 9), column=sampled_from(sorted(EDITS)), number=integers(0, 9))
    def upstream_edits(self, place: int, column: str, number: int) -> None:
        keys, values = sorted(self.here.source.listed), EDITS[column]
        self.here.source.change(keys[place % len(keys)], **{column: values[number % len(values)]})

    @rule(place=integers(0, 9), column=sampled_from(sorted(EDITS)))
    def upstream_empties(self, place: int, column: str) -> None:
        keys = sorted(self.here.source.listed)
        self.here.source.change(keys[place % len(keys)], **{column: ""})

    @rule(key=sampled_from(KEYS))
    def upstream_forgets(self, key: str) -> None:
        if len(self.here.source.listed) > 1:
            self.here.source.listed.pop(key, None)

    @rule(
        name=sampled_from(["Acme", "Berg", "Old customer"]),
        reference=none() | sampled_from(["A", "B", "C", "elsewhere"]),
        domains=sampled_from([(), ("a.example",), ("b.example", "c.example"), ("d.example",)]),
        tier=sampled_from(["", "pro", "enterprise", "Odd"]),
        manager=sampled_from(OWN),
        note=sampled_from(OWN),
    )
    def somebody_makes(
        self,
        name: str,
        reference: str | None,
        domains: tuple[str, ...],
        tier: str,
        manager: str,
        note: str,
        region: str = "",
    ) -> None:
        fields = (("manager", manager), ("note", note), ("region", region))
        change = CustomerChange(name, reference, domains, tier, fields)
        made = self.desk.create_customer(change, key=IdempotencyKey(f"by-hand/{len(self.people)}"))
        self.people.setdefault(made.id, made)

    @rule(
        number=integers(0, 9),
        change=sampled_from(
            [
                CustomerChange(name="Renamed"),
                CustomerChange(domains=("a.example",)),
                CustomerChange(domains=()),
                CustomerChange(tier="Enterprise"),
                CustomerChange(tier=""),
                CustomerChange(reference=""),
                CustomerChange(fields=(("region", "west"),)),
                CustomerChange(fields=(("region", ""),)),
                CustomerChange(fields=(("manager", "ben"), ("note", "call first"))),
            ]
        ),
    )
    def somebody_edits(self, number: int, change: CustomerChange) -> None:
        if self.people:
            customer = sorted(self.people)[number % len(self.people)]
            self.desk.update_customer(customer, change)
            self.people[customer] = self.desk.customer(customer)

    @rule(number=integers(0, 9), suspended=booleans())
    def somebody_suspends(self, number: int, suspended: bool) -> None:
        if self.people:
            customer = sorted(self.people)[number % len(self.people)]
            (self.desk.suspend_customer if suspended else self.desk.resume_customer)(customer)
            self.people[customer] = self.desk.customer(customer)

    @rule(number=integers(0, 9), verb=sampled_from(["take_source", "keep_desk", "ignore"]))
    def somebody_settles(self, number: int, verb: str) -> None:
        if conflicts := self.here.conflicts("open"):
            one = conflicts[number % len(conflicts)]
            until = self.here.clock.now() + timedelta(days=2)
            more = ("agreed with them", until) if verb == "keep_desk" else ()
            with suppress(Refused, NotFound):
                act = getattr(ledger, verb)
                self.here.act(lambda session: act(session, one.id, one.version, LEA, *more, self.here.ctx))
            self.here.work()
            self._remember()

    @rule()
    def a_night_passes(self) -> None:
        self.here.tomorrow()
        self.sync()

    @rule()
    def sync(self) -> None:
        number = self.here.sync()
        if self.here.state(number) is not RunState.DONE:
            assert "nothing was changed" in self.here.run(number).words
            return
        if self.here.groups("open"):
            self.here.apply(number)
        assert {one.state for one in self.here.groups()} <= {"applied", "partial", "superseded"}
        with written(self.database) as rows:
            again = self.here.sync()
        assert self.here.state(again) is RunState.DONE
        refused = {one.row_key for one in self.here.rejected("open")}
        left = {one.account for group in self.here.groups("open") for one in self.here.changes(group)}
        assert left <= refused, "planned again, though nobody refused it"
        if not left:
            assert not set(rows) & QUIET, rows
        desk = {one.id: one for one in self.desk.customers()}
        self._nothing_is_deleted(desk)
        self._nothing_else_changed(desk)
        self._what_somebody_edited_stays(desk)
        self._what_differs_stands_in_the_ledger(desk)
        self._remember()

    def _remember(self) -> None:
        """What the desk shows now, and by account, customer and field on what source and desk agree."""
        self.people = {one.id: one for one in self.desk.customers()}
        told, _, _ = _told(self.here)
        agreed: dict[tuple[str, str, str], str] = {}
        for account, known in self.here.customers().items():
            if known.desk_id in self.people:
                for field in IN_DESK:
                    key, now = (account, known.desk_id, field.name), _shown(field, self.people[known.desk_id], {})
                    if same(field.name, told.get(account, {}).get(field.name, "?"), now):
                        agreed[key] = now
                    elif key in self.agreed:
                        agreed[key] = self.agreed[key]
        self.agreed = agreed

    def _what_somebody_edited_stays(self, desk: dict[str, Customer]) -> None:
        """Nobody's edit in the desk is written over by approving what a sync found."""
        for (account, number, name), value in self.agreed.items():
            field = RULES.field(name)
            assert field is not None
            edited = _shown(field, self.people[number], {})
            if not same(name, edited, value):
                assert same(name, _shown(field, desk[number], {}), edited), (
                    f"{account}: {name} was edited to {edited!r}"
                )

    def _nothing_is_deleted(self, desk: dict[str, Customer]) -> None:
        assert self.people.keys() <= desk.keys()
        known = self.here.customers().keys()
        assert self.accounts <= known
        self.accounts = set(known)

    def _nothing_else_changed(self, desk: dict[str, Customer]) -> None:
        linked = {one.desk_id for one in self.here.customers().values()}
        for number, before in self.people.items():
            now = desk[number]
            assert dict(now.fields).get("note") == dict(before.fields).get("note")
            assert dict(now.fields).get("manager") == dict(before.fields).get("manager")
            if number not in linked:
                assert now == before, "it is no account's"

    def _what_differs_stands_in_the_ledger(self, desk: dict[str, Customer]) -> None:
        standing = {(one.account, one.field, one.kind) for one in self.here.conflicts(*STANDING)}
        unread = {one.row_key for one in self.here.rejected("open")}
        told, bad, twice = _told(self.here)
        assert bad <= unread
        assert {(account, field, "two_rows") for account, field in twice} <= standing
        doubtful = {account for account, _, kind in standing if kind.startswith("two_")}
        for account, known in self.here.customers().items():
            if account in unread | doubtful or account not in told:
                continue
            assert known.desk_id is not None, f"{account} is nobody, and nothing says so"
            for field, value in told[account].items():
                rule_of = RULES.field(field)
                assert rule_of is not None
                now = _shown(rule_of, desk[known.desk_id], known.fields)
                kept = value == "" and (rule_of.blank is Blank.KEEP or field == "status")
                stands = {(account, field, "differs"), (account, field, "blank")} & standing
                assert same(field, now, value) or kept or stands, f"{account} {field}: {value!r}, in force {now!r}"
                if rule_of.direction is Direction.TO_HANDOFF and value:
                    assert known.fields[field] == value


def _told(here: Synced) -> tuple[dict[str, dict[str, str]], set[str], set[tuple[str, str]]]:
    """What the source says by account, whose rows cannot be read, and what is told twice."""
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    bad: set[str] = set()
    for key, (_, columns) in here.source.listed.items():
        account = (columns["id"] or "").strip()
        if not account:
            bad.add(f"row {key}")
            continue
        told[account]
        for field in FIELDS:
            if field.source == "crm":
                try:
                    told[account][field.name].append(canonical(field, columns.get(field.name)))
                except BadValue:
                    bad.add(account)
    twice = {
        (account, name)
        for account, values in told.items()
        if account not in bad
        for name, several in values.items()
        if several and not all(same(name, several[0], other) for other in several)
    }
    first = {account: {name: some[0] for name, some in values.items() if some} for account, values in told.items()}
    return first, bad, twice


def _shown(field: CustomerField, customer: Customer, own: dict[str, str]) -> str:
    if field.direction is Direction.TO_HANDOFF:
        return own.get(field.name, "")
    match field.name:
        case "domains":
            return joined(customer.domains)
        case "name" | "tier" | "status":
            return shown(field, getattr(customer, field.name))
    return shown(field, dict(customer.fields).get(field.name, ""))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_approved_becomes_true_and_nothing_else(sqlite_template: Path) -> None:
    Law.template = sqlite_template
    run_state_machine_as_test(
        Law, settings=settings(max_examples=40, stateful_step_count=20, deadline=None, phases=PHASES)
    )
