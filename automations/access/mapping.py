"""Which role somebody has by what the identity source says of them: none, exactly one, or it cannot be told. Pure.

Nothing is compared with regard to case. Two roles that match are never settled by taking the larger, and a name that
is not known is never taken for the nearest one: both are refused, with what is known.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from automations.access.rules import AccessRules, RoleRule
from automations.errors import Refused
from automations.identities import IdentityPerson

_ADMINISTRATION: Final = frozenset({"admin", "administrator", "administrators", "admins", "owner", "superuser"})
NOTHING: Final = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Match:
    """A role that somebody has, and what upstream it rests on, in words: `group support-leads`, `title = Lead`."""

    role: RoleRule
    why: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.role.name} ({', '.join(self.why)})"


def matches(person: IdentityPerson, rules: AccessRules) -> tuple[Match, ...]:
    """Every role that this person's groups and attributes stand for, in the order of the settings."""
    found = ((role, tuple(_reasons(person, role))) for role in rules.roles)
    return tuple(Match(role, why) for role, why in found if why)


def mapped(person: IdentityPerson, rules: AccessRules) -> RoleRule:
    """The one role of this person. Raises: Refused for none or several, naming what was found and what is known."""
    found = matches(person, rules)
    if not found:
        has = ", ".join(person.groups) or "no group"
        raise Refused(
            f"What {person.email or person.name} has upstream ({has}) stands for no role. "
            f"Known: {known_roles(rules)}. Put them into the right group there, or add the group under "
            f"[[access.roles]]. {NOTHING}"
        )
    if len(found) > 1:
        raise Refused(
            f"What {person.email or person.name} has upstream stands for {len(found)} roles: "
            f"{' and '.join(map(str, found))}. Nobody is given the larger one by guess: "
            f"take them out of what is wrong there, then ask again. {NOTHING}"
        )
    return found[0].role


def role_named(typed: str, rules: AccessRules) -> RoleRule:
    """The role that somebody typed. Raises: Refused for an unknown one, listing the known ones."""
    if (role := rules.role(typed)) is not None:
        return role
    said = f"There is no role {typed.strip()[:80]!r}." if typed.strip() else "No role was named."
    raise Refused(f"{said} Known: {known_roles(rules)}. {NOTHING}")


def known_roles(rules: AccessRules) -> str:
    """The names of all roles, for people."""
    return ", ".join(role.name for role in rules.roles) or "none yet; an admin adds them under [[access.roles]]"


def groups_wanted(role: RoleRule, typed: Sequence[str], desk_groups: Collection[str] | None) -> tuple[str, ...]:
    """The role's groups and those typed beside them, each once, spelt as the desk spells them.

    `desk_groups` are all that the desk has, None where it does not tell: then only the role's own are known.
    Raises: Refused for a group that is not known, listing the known ones.
    """
    known = {name.casefold(): name for name in (role.groups if desk_groups is None else desk_groups)}
    wanted = [name.strip() for name in (*role.groups, *typed) if name.strip()]
    unknown = sorted({name for name in wanted if name.casefold() not in known})
    if unknown:
        by_rule = {name.casefold() for name in role.groups}
        if any(name.casefold() in by_rule for name in unknown):
            whose = f"The role {role.name} names a group that the desk does not have"
        else:
            whose = "There is no such group"
        listed = ", ".join(sorted(known.values())) or "none"
        raise Refused(f"{whose}: {', '.join(name[:80] for name in unknown)}. Known: {listed}. {NOTHING}")
    return tuple(dict.fromkeys(known[name.casefold()] for name in wanted))


def grants_administration(desk_role: str, rules: AccessRules) -> bool:
    """Whether a role of the desk is one of an administrator: by a rule that says so, or by its own name.

    The name counts too, so that a rule without `privileged` gives nobody administration on one person's word.
    """
    by_rule = {role.desk_role.casefold() for role in rules.roles if role.privileged}
    words = set(re.findall(r"[a-z]+", desk_role.casefold()))
    return desk_role.casefold() in by_rule or bool(words & _ADMINISTRATION)


def unknown_to_desk(
    rules: AccessRules, desk_roles: Collection[str], desk_groups: Collection[str] | None
) -> Iterator[str]:
    """What the rules name and the desk does not have, a sentence each. `desk_groups` None: the desk tells none."""
    for role in rules.roles:
        if role.desk_role not in desk_roles:
            listed = ", ".join(sorted(desk_roles)) or "none"
            yield f"access.roles: {role.name} is {role.desk_role!r} in the desk, which has only these roles: {listed}."
        for group in role.groups:
            if desk_groups is not None and group.casefold() not in {name.casefold() for name in desk_groups}:
                yield f"access.roles: {role.name} names the group {group!r}, which the desk does not have."


def _reasons(person: IdentityPerson, role: RoleRule) -> Iterator[str]:
    """What of this person stands for the role, each in words as the source spells it."""
    groups = {name.strip().casefold() for name in role.from_groups}
    yield from (f"group {name}" for name in person.groups if name.strip().casefold() in groups)
    wanted = {name.strip().casefold(): value.strip().casefold() for name, value in role.from_attributes.items()}
    for name, value in person.attributes:
        if wanted.get(name.strip().casefold()) == value.strip().casefold():
            yield f"{name} = {value}"
