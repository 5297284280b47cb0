"""One customer, field by field: what the source says, what is in force, and what both agreed on last. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from automations.customer_context.accounts import SHOWN_CHARACTERS
from automations.customer_context.canonical import (
    BadValue,
    canonical,
    domain,
    joined,
    kept_text,
    same,
    shown,
    shown_text,
)
from automations.customer_context.found import WINS_SOURCE, Found, Sides, Terms
from automations.customer_context.rules import (
    DESK,
    DOMAINS,
    NAME,
    STATUS,
    TIER,
    Blank,
    CustomerField,
    CustomerRules,
    Direction,
)
from automations.customer_context.values import ChangeKind, ConflictKind, DeskSide, RejectedRow, Settled
from automations.desks import Capability, Customer

_NEEDED: Final = {NAME: Capability.CUSTOMERS, DOMAINS: Capability.DOMAINS, STATUS: Capability.CUSTOMER_SUSPENDS}


class Verdict(Enum):
    """What is to be done about a field. `KEEP`: the source has a blank, and the rule keeps what is there."""

    AGREED = "agreed"
    KEEP = "keep"
    CHANGE = "change"
    CLEAR = "clear"
    DIFFERS = "differs"
    BLANK = "blank"


def desk_side(customer: Customer, rules: CustomerRules) -> DeskSide:
    """A customer of the desk in canonical text.

    Its values are those of the fields that live in the desk or come from it, beside the name and, where a field names
    domains, the domains: both are needed to tell who it is. What comes from the desk is not mapped yet.
    """
    values: dict[str, str] = {}
    own: Mapping[str, str] | None = None
    for one in rules.fields:
        name = one.name
        if name == DOMAINS:
            values[DOMAINS] = _domains(customer.domains)
        elif one.direction is Direction.TO_DESK or one.source == DESK:
            if name == NAME:
                raw = customer.name
            elif name == STATUS:
                raw = customer.status
            elif name == TIER:
                raw = customer.tier
            else:
                own = dict(customer.fields) if own is None else own
                raw = own.get(name, "")
            values[name] = shown(one, raw)
    if NAME not in values:
        values[NAME] = shown_text(customer.name)
    reference = customer.reference or ""
    plain = reference.isascii() and reference.isprintable()
    return DeskSide(customer.id, (reference if plain else kept_text(reference)).strip(), values, customer.url)


def in_desk(field: CustomerField, can: frozenset[Capability]) -> bool:
    """Whether a field's value is brought into the desk: the settings say so, and the desk can keep it.

    What the desk cannot keep is kept here alone, as a field `to_handoff` is. A desk without customers has no
    capabilities of them, so everything is kept here.
    """
    needed = {Capability.CUSTOMERS, _NEEDED.get(field.name, Capability.CUSTOMER_FIELDS)}
    return field.direction is Direction.TO_DESK and needed <= can


def judge(field: CustomerField, told: str, in_force: str, agreed: str | None) -> Verdict:
    """The three-way rule. `agreed` is what both agreed on last, None if nobody knows.

    A field that is kept here alone was edited by nobody: what is in force is what was agreed. A status cannot be
    emptied, so its blank says nothing.
    """
    if same(field.name, told, in_force):
        return Verdict.AGREED
    untouched = agreed is not None and same(field.name, agreed, in_force)
    if not told:
        if field.blank is Blank.KEEP or field.name == STATUS:
            return Verdict.KEEP
        if field.blank is Blank.CLEAR and (untouched or agreed is None):
            return Verdict.CLEAR
        return Verdict.BLANK
    if untouched or (agreed is None and not in_force):
        return Verdict.CHANGE
    return Verdict.DIFFERS


def terms_of(
    rules: CustomerRules,
    can: frozenset[Capability],
    settled: Mapping[tuple[str, str], Settled],
    now: datetime,
) -> Terms:
    """Sort the fields by where they live, for a desk that can do this; nothing for one without customers."""
    fields = [one for one in rules.fields if one.name != STATUS]
    status = rules.field(STATUS)
    return Terms(
        rules=rules,
        settled=settled,
        now=now,
        keeps=Capability.CUSTOMERS in can,
        references=can >= {Capability.CUSTOMERS, Capability.REFERENCES},
        in_desk=tuple(one for one in fields if in_desk(one, can)),
        here=tuple(one for one in fields if one.source != DESK and not in_desk(one, can)),
        from_desk=tuple(one for one in rules.fields if one.source == DESK),
        status=status,
        status_in_desk=status is not None and in_desk(status, can),
    )


def places_of(rules: CustomerRules, can: frozenset[Capability]) -> list[str]:
    """The fields that changes write to the desk, by name; those of all others are made in Handoff alone."""
    return sorted(one.name for one in rules.fields if in_desk(one, can))


def compare(
    one: CustomerField,
    told: str,
    in_force: str,
    agreed: str | None,
    sides: Sides,
    found: Found,
    kind: ChangeKind = ChangeKind.CHANGED,
) -> Verdict:
    """Compare one field of one customer: a change, a conflict, or nothing to do."""
    verdict = judge(one, told, in_force, agreed)
    match verdict:
        case Verdict.KEEP:
            found.blanks[one.name] += 1
        case Verdict.CHANGE:
            found.change(sides, kind, one.name, in_force, told)
        case Verdict.CLEAR:
            found.change(sides, ChangeKind.CLEARED, one.name, in_force, told)
        case Verdict.DIFFERS:
            values = (told, in_force)
            found.conflict(sides, ConflictKind.DIFFERS, one.name, values, source=one.source, winner=WINS_SOURCE)
        case Verdict.BLANK:
            winner = WINS_SOURCE if one.blank is Blank.CLEAR else ""
            found.conflict(sides, ConflictKind.BLANK, one.name, (told, in_force), source=one.source, winner=winner)
    return verdict


def take(sides: Sides, found: Found) -> None:
    """Take at once what comes from the desk itself. What cannot be read stays as it was, and is a rejected row."""
    assert sides.desk is not None, "only a customer of the desk tells anything"
    for one in found.terms.from_desk:
        raw = sides.desk.values.get(one.name, "")
        try:
            value = canonical(one, raw)
        except BadValue as exc:
            row = {one.name: raw[:SHOWN_CHARACTERS]}
            found.rejected.append(RejectedRow(DESK, sides.account, f"{one.name} {exc}", row))
            continue
        sides.keep(one.name, value)


def _domains(domains: tuple[str, ...]) -> str:
    found = []
    for one in domains:
        try:
            found.append(domain(one))
        except BadValue:
            found.append(kept_text("".join(one.lower().replace(",", " ").split())))
    return joined(one for one in found if one)
