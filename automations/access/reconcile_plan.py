"""Identity source against desk: what differs, and what would mend it. Pure.

Only what both lists tell is judged. Who could be two people, has a role that no rule names, or is meant by two rules is
listed and never mended. Roles are larger the later their rule stands in the settings, and those that grant
administration are larger than all others.

Of somebody who left, or whom nobody upstream is, only that is said; of a suspended desk user only tokens that still
work. That an active person upstream is suspended in the desk is no finding: somebody meant it so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from automations.access import fixes, steps
from automations.access.card_types import FindingKind
from automations.access.found import Comparison, Found
from automations.access.joining import Pair, join
from automations.access.mapping import Match, grants_administration, matches
from automations.access.rules import AccessRules, RoleRule
from automations.access.steps import Desk
from automations.desks import AgentAccess
from automations.identities import IdentityPerson
from automations.people import MONTHS

_ORDER: Final = {kind: number for number, kind in enumerate(FindingKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a comparison goes by.

    `never` are addresses, in lower case, that no run touches: those the settings protect and the bot's own.
    `links` are addresses upstream -> that of their desk user where it is another one, both in lower case.
    """

    rules: AccessRules
    desk: Desk
    now: datetime
    never: frozenset[str] = frozenset()
    links: Mapping[str, str]


def compare(people: tuple[IdentityPerson, ...], everybody: tuple[AgentAccess, ...], terms: Terms) -> Comparison:
    """Find every difference. Equal lists in another order give equal findings."""
    rules, title = terms.rules, terms.desk.title
    joined = join(people, everybody, terms.links, lambda one: one.active and bool(matches(one, rules)), title)
    found = [Found(FindingKind.AMBIGUOUS, doubt.address, doubt.name, doubt.words) for doubt in joined.doubts]
    for pair in joined.pairs:
        found.extend(judge(pair, terms))
    return Comparison(
        tuple(sorted(found, key=lambda one: (_ORDER[one.kind], one.subject))),
        population=sum(one.active for one in people),
        people=len(people),
        agents=len(everybody),
        working=sum(one.agent.state != "suspended" for one in everybody),
    )


def judge(pair: Pair, terms: Terms) -> Iterable[Found]:
    """What is wrong about one person, or one desk user."""
    person, access, title = pair.person, pair.access, terms.desk.title
    if access is None:
        return _absent(pair, person, terms) if person is not None and person.active else ()
    if access.agent.state == "suspended":
        return _tokens(pair, access, terms)
    if person is None:
        words = f"Is in {title} ({_role(access)}), and nobody in the identity source is this one."
        return (_cut(FindingKind.ORPHANED, pair, access, words, terms),)
    if not person.active:
        words = f"Has left, says the identity source, and is {access.agent.state} in {title} ({_role(access)})."
        return (_cut(FindingKind.LEFT_ACTIVE, pair, access, words, terms),)
    return _present(pair, person, access, terms)


def _absent(pair: Pair, person: IdentityPerson, terms: Terms) -> Iterable[Found]:
    found = matches(person, terms.rules)
    if len(found) > 1:
        return (_two_rules(pair, found),)
    if not found:
        return ()
    rule, title = found[0].role, terms.desk.title
    words = f"Should have the role {rule.name}, and is not in {title}."
    fix = fixes.account(pair.address, pair.name, rule, terms.desk)
    privileged = grants_administration(rule.desk_role, terms.rules)
    return (_spared(pair, Found(FindingKind.MISSING, pair.address, pair.name, words, fix, privileged), terms),)


def _present(pair: Pair, person: IdentityPerson, access: AgentAccess, terms: Terms) -> Iterable[Found]:
    matching, title = matches(person, terms.rules), terms.desk.title
    if not matching:
        words = f"No rule gives a role, and the desk has this one active in {title} ({_role(access)})."
        return (_cut(FindingKind.ROLE_HIGH, pair, access, words, terms),)
    found = [_two_rules(pair, matching)] if len(matching) > 1 else _against(pair, access, matching[0].role, terms)
    return (*found, *_stale(pair, access, terms))


def _against(pair: Pair, access: AgentAccess, rule: RoleRule, terms: Terms) -> list[Found]:
    """Role and groups of somebody with exactly one rule."""
    present, title = access.agent.role, terms.desk.title
    found = []
    if present and present.casefold() != rule.desk_role.casefold():
        sizes = _sizes(terms.rules)
        if present.casefold() not in sizes:
            words = f"Has the role {present} in {title}, which no rule names; the rules say {rule.desk_role}."
            found.append(Found(FindingKind.AMBIGUOUS, pair.address, pair.name, words))
        else:
            high = sizes[present.casefold()] > sizes[rule.desk_role.casefold()]
            words = f"Has the role {present} in {title}; the rules say {rule.desk_role}."
            fix = (steps.role(terms.desk, access.agent.email, present, rule.desk_role),)
            privileged = _administrates(access, terms.rules) or grants_administration(rule.desk_role, terms.rules)
            kind = FindingKind.ROLE_HIGH if high else FindingKind.ROLE_LOW
            found.append(_spared(pair, Found(kind, pair.address, pair.name, words, fix, privileged), terms))
    return found + _groups(pair, access, rule, terms)


def _groups(pair: Pair, access: AgentAccess, rule: RoleRule, terms: Terms) -> list[Found]:
    """Only groups that any rule names are judged; the others are the desk's own affair."""
    named = {group.casefold() for one in terms.rules.roles for group in one.groups}
    inside = {group.casefold(): group for group in access.groups or ()}
    wanted = {group.casefold(): group for group in rule.groups}
    missing = [group for key, group in wanted.items() if key not in inside]
    extra = [group for key, group in inside.items() if key in named and key not in wanted]
    if access.groups is None or not (missing or extra):
        return []
    said = [f"is not in {', '.join(sorted(missing))}"] if missing else []
    said += [f"is in {', '.join(sorted(extra))} beside the role's groups"] if extra else []
    fix = fixes.groups(access.agent.email, missing, extra, terms.desk)
    words = f"In {terms.desk.title} this one {' and '.join(said)}."
    found = Found(FindingKind.GROUPS, pair.address, pair.name, words, fix, _administrates(access, terms.rules))
    return [_spared(pair, found, terms)]


def _stale(pair: Pair, access: AgentAccess, terms: Terms) -> list[Found]:
    """An invitation nobody accepted, or an account nobody uses."""
    title, seen = terms.desk.title, access.agent.last_seen
    if access.agent.state == "invited":
        fix = fixes.invited_again(access.agent.email, terms.desk)
        words = f"Was invited to {title} and has not accepted."
        return [Found(FindingKind.INVITATION, pair.address, pair.name, words, fix)]
    if seen is not None and terms.now - seen > terms.rules.inactive_after:
        words = f"Last signed in to {title} on {seen.day} {MONTHS[seen.month - 1]} {seen.year} (UTC)."
        return [_cut(FindingKind.INACTIVE, pair, access, words, terms)]
    return []


def _tokens(pair: Pair, access: AgentAccess, terms: Terms) -> list[Found]:
    if not access.tokens:
        return []
    works = "token still works" if len(access.tokens) == 1 else "tokens still work"
    words = f"Is suspended in {terms.desk.title}, and {len(access.tokens)} {works}."
    fix = steps.tokens(terms.desk, access.agent.email, access.tokens)
    found = Found(FindingKind.TOKEN, pair.address, pair.name, words, fix, _administrates(access, terms.rules))
    return [_spared(pair, found, terms)]


def _two_rules(pair: Pair, found: tuple[Match, ...]) -> Found:
    words = f"Several roles match upstream: {', '.join(map(str, found))}. The larger one is never picked."
    return Found(FindingKind.AMBIGUOUS, pair.address, pair.name, words)


def _cut(kind: FindingKind, pair: Pair, access: AgentAccess, words: str, terms: Terms) -> Found:
    """A finding that is mended by suspending somebody."""
    fix = fixes.suspended(access, terms.desk) if access.agent.email else ()
    found = Found(kind, pair.address, pair.name, words, fix, _administrates(access, terms.rules))
    return _spared(pair, found, terms)


def _spared(pair: Pair, found: Found, terms: Terms) -> Found:
    """The same without a fix for those whom no run touches."""
    own = pair.person.email.lower() if pair.person else ""
    if pair.address not in terms.never and own not in terms.never:
        return found
    words = f"{found.words} No run touches this account, which is protected or the bot's own; a person may, in {terms.desk.title}."
    return Found(found.kind, found.subject, found.name, words)


def _administrates(access: AgentAccess, rules: AccessRules) -> bool:
    """Whether somebody is an administrator of the desk, or may be: what a role does that no rule names is not known."""
    present = access.agent.role
    named = any(rule.desk_role.casefold() == present.casefold() for rule in rules.roles)
    return not named or grants_administration(present, rules)


def _sizes(rules: AccessRules) -> dict[str, tuple[bool, int]]:
    """Each role of the desk that a rule names (in lower case), with what says how large it is."""
    sizes: dict[str, tuple[bool, int]] = {}
    for number, rule in enumerate(rules.roles):
        sizes.setdefault(rule.desk_role.casefold(), (grants_administration(rule.desk_role, rules), number))
    return sizes


def _role(access: AgentAccess) -> str:
    return f"role {access.agent.role}" if access.agent.role else "role not told"
