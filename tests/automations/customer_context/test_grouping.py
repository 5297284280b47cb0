"""Changes are decided about by field and, where a field has few values, by transition."""

from itertools import permutations

from automations.customer_context.grouping import MOST_TRANSITIONS, groups
from automations.customer_context.values import Change, ChangeKind
from tests.automations.customer_context.two_lists import field_of, rules_of

RULES = rules_of(
    field_of("name"), field_of("tier"), field_of("region", values={"E": "eu", "U": "us"}), field_of("note")
)
CHANGED, ADDED, CLEARED = ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.CLEARED


def change(account: str, field: str = "", before: str = "", after: str = "") -> Change:
    return Change(account, f"Customer {account}", f"desk {account}", field, before, after)


def test_groups_are_by_kind_field_and_transition() -> None:
    found = groups(
        [
            (CLEARED, change("a", "note", "old", "")),
            (CHANGED, change("b", "note", "x", "y")),
            (CHANGED, change("a", "note", "v", "w")),
            (CHANGED, change("a", "tier", "pro", "ent")),
            (CHANGED, change("b", "tier", "", "ent")),
            (CHANGED, change("c", "tier", "pro", "ent")),
            (CHANGED, change("a", "region", "us", "eu")),
            (ChangeKind.SUSPENDED, change("d", "status", "active", "suspended")),
            (ADDED, change("e")),
        ],
        RULES,
    )
    assert [(one.key, [each.account for each in one.changes]) for one in found] == [
        ("added///", ["e"]),
        ("changed/tier//ent", ["b"]),
        ("changed/tier/pro/ent", ["a", "c"]),
        ("changed/region/us/eu", ["a"]),
        ("changed/note//", ["a", "b"]),
        ("cleared/note//", ["a"]),
        ("suspended/status/active/suspended", ["d"]),
    ]


def test_a_digest_is_over_every_change_and_not_over_their_order() -> None:
    changes = [(CHANGED, change(one, "tier", "pro", "ent")) for one in "abc"]
    (first,) = {groups(order, RULES) for order in permutations(changes)}
    assert len({one.digest for one in first}) == 1
    other = [*changes[:2], (CHANGED, change("d", "tier", "pro", "ent"))]
    assert groups(other, RULES)[0].digest != first[0].digest


def test_a_field_of_many_values_is_one_group_whatever_the_settings_say() -> None:
    few = [(CHANGED, change(f"a{number:03}", "tier", "", f"tier {number}")) for number in range(MOST_TRANSITIONS)]
    assert len(groups(few, RULES)) == MOST_TRANSITIONS
    (one,) = groups([*few, (CHANGED, change("b", "tier", "", "one more"))], RULES)
    assert (one.before, one.after, len(one.changes)) == ("", "", MOST_TRANSITIONS + 1)


def test_a_key_fits_its_column_and_tells_groups_apart() -> None:
    long = "x" * 255
    transitions = [(long, long), (long, f"{long[:-1]}y"), ("a/b", "c"), ("a", "b/c"), ("a", "b"), ("", "b")]
    changes = [(CHANGED, change(str(at), "region", *one)) for at, one in enumerate(transitions)]
    keys = [one.key for one in groups(changes, RULES)]
    assert len(set(keys)) == len(transitions)
    assert all(len(key) <= 255 for key in keys)
    assert "changed/region/a/b" in keys
