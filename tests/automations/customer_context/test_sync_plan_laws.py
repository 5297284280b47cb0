"""Laws of a sync over any two lists, any edits on both sides, and any answers of people."""

import random
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.customer_context.canonical import same
from automations.customer_context.comparing import desk_side, in_desk
from automations.customer_context.rules import ACTIVE, DESK, DOMAINS, NAME, STATUS, TIER, CustomerRules
from automations.customer_context.values import Conflict, ConflictKind, SyncPlan
from automations.desks import Capability, SourceRow
from automations.errors import Refused
from tests.automations.customer_context.two_lists import EVERYTHING, World, customer, field_of, rules_of

TIERS = {"ENT": "Enterprise", "PRO": "pro", "none": ""}
TWO_SOURCES = (
    field_of(NAME),
    field_of(DOMAINS, column="sites"),
    field_of(STATUS),
    field_of(TIER, "billing", direction="to_handoff", values=TIERS),
    field_of("seats", "billing", type="number", blank="clear"),
    field_of("region", blank="conflict"),
    field_of("owner", DESK, direction="to_handoff"),
)
SOME_RULES = (
    rules_of(*TWO_SOURCES),
    rules_of(*TWO_SOURCES, gone="churned"),
    rules_of(field_of(NAME), field_of(DOMAINS), field_of(TIER, "billing", values=TIERS, blank="clear"), gone="former"),
    rules_of(field_of(NAME, direction="to_handoff"), field_of(STATUS, "billing", direction="to_handoff")),
    rules_of(field_of(DOMAINS, blank="clear"), field_of(STATUS, blank="clear", values={"a": ACTIVE, "s": "suspended"})),
    rules_of(field_of("vip", type="yes_no", blank="conflict"), field_of(STATUS, DESK, direction="to_handoff")),
)
SOME_DESKS = (
    EVERYTHING,
    EVERYTHING - {Capability.REFERENCES},
    EVERYTHING - {Capability.DOMAINS, Capability.CUSTOMER_SUSPENDS},
    EVERYTHING - {Capability.CUSTOMER_FIELDS},
)

ACCOUNTS = st.sampled_from(["a", "b", "c", "d"])
IDS = st.sampled_from(["a", "b", "c", "d", " a ", "", "x" * 256, "b\0"])
NAMES = st.sampled_from(["Acme", " Acme  ", "Acme GmbH", "Globex", "", "@here"])
SITES = st.sets(st.sampled_from(["a.example", "B.example", "c.example", "no domain"]), max_size=2).map(", ".join)
STATUSES = st.sampled_from(["active", "Suspended", "", "a", "s", "closed"])
WORDS = st.sampled_from(["", "eu", "us", "7", "7.0", "yes", "no"])
ROW = st.fixed_dictionaries(
    {
        "id": IDS,
        "name": NAMES,
        "sites": SITES,
        "domains": SITES,
        "status": STATUSES,
        "tier": st.sampled_from(["ENT", "ent", "PRO", "none", "", "gold"]),
        "seats": WORDS,
        "region": WORDS,
        "vip": WORDS,
    }
)
GOOD = ROW.map(lambda row: {**row, "domains": row["domains"].replace("no domain", "")})
ROWS = st.lists(ROW | GOOD, max_size=5)
CUSTOMERS = st.lists(
    st.builds(
        lambda number, name, reference, domains, said: customer(number, name, reference, domains, **said),
        number=st.sampled_from(["1", "2", "3", "4"]),
        name=NAMES,
        reference=st.sampled_from([None, "", "a", "b", "ERP-7"]),
        domains=SITES.map(lambda sites: sites.replace("no domain", "old.example")),
        said=st.fixed_dictionaries(
            {
                "tier": st.sampled_from(["", "enterprise", "pro"]),
                "status": st.sampled_from(["active", "suspended"]),
                "seats": WORDS,
                "region": WORDS,
                "owner": NAMES,
                "untouched": WORDS,
            }
        ),
    ),
    unique_by=lambda one: one.id,
    max_size=4,
)
STEP = st.tuples(ROWS, ROWS, st.booleans(), CUSTOMERS, st.booleans(), st.lists(st.sampled_from("yns"), max_size=8))


def told(rows: list[dict[str, str]], column: str) -> list[SourceRow]:
    return [SourceRow(f"row {at}", {**row, column: row["id"]}) for at, row in enumerate(rows, start=1)]


def planned(world: World, *, whole: bool) -> SyncPlan | None:
    try:
        return world.plan(whole=whole)
    except Refused:
        return None


def in_any_order(world: World, *, whole: bool, seed: int) -> SyncPlan:
    """The plan of the same world with everything in another order."""
    chance = random.Random(seed)
    mixed = deepcopy(world)
    for rows in mixed.sources.values():
        chance.shuffle(rows)
    mixed.sources = dict(reversed(mixed.sources.items()))
    for name in ("remembered", "settled", *([] if mixed.desk is None else ["desk"])):
        items = list(getattr(mixed, name).items())
        chance.shuffle(items)
        setattr(mixed, name, dict(items))
    return mixed.plan(whole=whole)


def check_nothing_is_lost(before: World, after: World, found: SyncPlan) -> None:
    """Nobody vanished, and only what a group says was written."""
    assert before.remembered.keys() <= after.remembered.keys()
    if before.desk is None or after.desk is None:
        return
    assert before.desk.keys() <= after.desk.keys()
    said = {(change.desk_id, change.field) for group in found.groups for change in group.changes}
    for number, one in before.desk.items():
        now = after.desk[number]
        names = {NAME: "name", DOMAINS: "domains", STATUS: "status", TIER: "tier", "": "reference"}
        differing = {name for name, attribute in names.items() if getattr(one, attribute) != getattr(now, attribute)}
        differing |= {name for name, value in dict(now.fields).items() if dict(one.fields).get(name) != value}
        assert all((number, name) in said for name in differing), differing
        assert all(after.rules.field(name) for name in differing - {""}), "what no setting names stays as it is"


def check_every_disagreement_is_told(world: World, found: SyncPlan) -> None:
    """What source and desk disagree on after all groups is a conflict, was settled, or is a blank that is kept."""
    if world.desk is None:
        return
    unclear = {one.account for one in found.conflicts if one.kind not in (ConflictKind.DIFFERS, ConflictKind.BLANK)}
    told_of = {(one.account, one.field) for one in found.conflicts} | world.settled.keys()
    for account, known in world.remembered.items():
        side = desk_side(world.desk[known.desk_id], world.rules) if known.desk_id in world.desk else None
        if side is None or account in unclear or (account, "") in world.settled:
            continue
        for one in world.rules.fields:
            value = known.source.get(one.name)
            if (
                not in_desk(one, world.can)
                or value is None
                or (not value and (one.blank == "keep" or one.name == STATUS))
            ):
                continue
            if one.name == STATUS and known.gone:
                continue
            agreed = same(one.name, value, side.values[one.name])
            assert agreed or (account, one.name) in told_of or known.gone, (account, one.name)


def asked(one: Conflict) -> tuple[str, ...]:
    return one.account, one.field, one.kind, one.source_value, one.desk_value, one.winner


def number_of_customers(world: World, found: SyncPlan) -> int:
    accounts = world.gathered().accounts.keys() | world.remembered.keys()
    return len(accounts) + len({(one.source, one.row_key) for one in found.rejected if one.row_key not in accounts})


@settings(max_examples=100)
@given(st.sampled_from(SOME_RULES), st.sampled_from(SOME_DESKS) | st.none(), st.lists(STEP, min_size=1, max_size=4))
def test_the_law_of_a_sync(rules: CustomerRules, can: frozenset[Capability] | None, steps: list) -> None:  # type: ignore[type-arg]  # tuples that STEP makes
    sources = {one.source for one in rules.fields} - {DESK}
    world = World(rules, can or frozenset(), desk={} if can is not None else None)
    for crm, billing, whole, desk, edited, answers in steps:
        listed = {"crm": told(crm, "id"), "billing": told(billing, "account")}
        world.sources = {name: rows for name, rows in listed.items() if name in sources}
        if world.desk is not None and edited:
            world.desk.update({one.id: one for one in desk})
        found = planned(world, whole=whole)
        if found is None:
            continue
        assert found == in_any_order(world, whole=whole, seed=len(answers))
        assert found.counts.total == number_of_customers(world, found)
        assert len({(one.account, one.field) for group in found.groups for one in group.changes}) == sum(
            len(group.changes) for group in found.groups
        ), "one change of one field"
        assert len({(one.account, one.field, one.kind) for one in found.conflicts}) == len(found.conflicts)
        assert len({one.key for one in found.groups}) == len(found.groups)

        everything = deepcopy(world)
        everything.carry_out(found)
        check_nothing_is_lost(world, everything, found)
        again = everything.plan(whole=whole)
        assert again.groups == ()
        assert again.records == []
        assert [asked(one) for one in again.conflicts] == [asked(one) for one in found.conflicts]
        check_every_disagreement_is_told(everything, again)

        answered = dict(zip(found.groups, answers, strict=False))
        world.carry_out(found, [group for group in found.groups if answered.get(group, "y") == "y"])
        world.say_no([group for group in found.groups if answered.get(group) == "n"])
        rest = world.plan(whole=whole)
        left = {one.key for one in found.groups if answered.get(one) == "s"}
        over = [one for one in rest.groups if one.key not in left]
        assert over == [], "who said no is not asked again"
