"""Who in the desk is whom upstream. Joined by address alone, and by nothing where two could be meant. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from automations.desks import AgentAccess
from automations.identities import IdentityPerson


@dataclass(frozen=True, slots=True)
class Pair:
    """One person and one desk user who are the same, or one of them alone.

    `address` is that of the desk, in lower case; the desk's id where the desk user has none.
    """

    address: str
    person: IdentityPerson | None
    access: AgentAccess | None

    @property
    def name(self) -> str:
        """What to call them."""
        known = self.person.name if self.person else self.access.agent.name if self.access else ""
        return known or self.address


@dataclass(frozen=True, slots=True)
class Doubt:
    """Somebody who could be two, with what is known in words. Nothing else is said of anybody concerned."""

    address: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Everybody once, in the order of addresses."""

    pairs: tuple[Pair, ...]
    doubts: tuple[Doubt, ...]


def join(
    people: Iterable[IdentityPerson],
    everybody: Iterable[AgentAccess],
    links: Mapping[str, str],
    wanted: Callable[[IdentityPerson], bool],
    title: str,
) -> Joined:
    """Join the company's people and the desk's users.

    `links` are addresses upstream -> that of their desk user where it is another one, both in lower case. `wanted` says
    whether somebody should have a desk user: two people with one address are nobody's doubt where neither should, and
    none of them has one. `title` is the desk's.
    """
    users: dict[str, list[AgentAccess]] = defaultdict(list)
    for one in everybody:
        users[one.agent.email.strip().lower() or one.agent.id].append(one)
    claims: dict[str, list[IdentityPerson]] = defaultdict(list)
    doubts: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    nameless, split = [], []
    for person in people:
        if not person.email:
            nameless.append(person)
            continue
        addresses = _addresses(person, links, users)
        for address in addresses:
            claims[address].append(person)
        if len(addresses) > 1:
            split.append(person)
            doubts[addresses[0]].append(
                f"The settings say that {person.email} is {addresses[0]} in {title}, which has {person.email} too."
            )
            names[addresses[0]] = person.name
    for person in (one for one in nameless if wanted(one)):
        doubts[person.id].append("The identity source has no e-mail address of theirs, so nobody can be found by it.")
        names[person.id] = person.name
    for address, found in users.items():
        if len(found) > 1:
            listed = _listed([(one.agent.name, one.agent.id) for one in found])
            doubts[address].append(f"{title} has {len(found)} users with this address: {listed}.")
    for address, claimants in claims.items():
        if len(claimants) > 1 and (address in users or any(map(wanted, claimants))):
            listed = _listed([(one.name, one.id) for one in claimants])
            doubts[address].append(f"{len(claimants)} people in the identity source are this one: {listed}.")
    unclear = _concerned(doubts, split, claims, links, users)
    pairs = [
        Pair(address, next(iter(claims.get(address, ())), None), next(iter(users.get(address, ())), None))
        for address in sorted(claims.keys() | users.keys())
        if address not in unclear and len(claims.get(address, ())) < 2
    ]
    return Joined(
        tuple(pairs),
        tuple(
            Doubt(address, names.get(address) or _name(address, users, claims), " ".join(doubts[address]))
            for address in sorted(doubts)
        ),
    )


def _addresses(person: IdentityPerson, links: Mapping[str, str], users: Mapping[str, object]) -> list[str]:
    """The address of this person's desk user, and their own as well if somebody else's is in its place."""
    own = person.email.lower()
    linked = links.get(own, own)
    return [linked, own] if linked != own and own in users else [linked]


def _concerned(
    doubts: Mapping[str, object],
    split: Sequence[IdentityPerson],
    claims: Mapping[str, Sequence[IdentityPerson]],
    links: Mapping[str, str],
    users: Mapping[str, object],
) -> set[str]:
    """Every address about which nothing is said, since somebody who could be meant by it could be meant elsewhere."""
    people = [person for address in doubts for person in claims.get(address, ())]
    return {address for person in (*people, *split) for address in _addresses(person, links, users)} | set(doubts)


def _listed(found: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name or 'nameless'} ({number})" for name, number in sorted(found))


def _name(
    address: str, users: Mapping[str, Sequence[AgentAccess]], claims: Mapping[str, Sequence[IdentityPerson]]
) -> str:
    names = [one.name for one in claims.get(address, ())] + [one.agent.name for one in users.get(address, ())]
    return min((name for name in names if name), default=address)
