"""What every source of identities owes: a list of people that can be believed, or an error."""

import re
from collections.abc import Sequence
from typing import Final

from automations.errors import Rejected
from automations.identities import IdentityPerson

INCOMPLETE: Final = "incomplete"
"""The code of a list that must not be taken for everybody."""
AMBIGUOUS: Final = "ambiguous"
"""The code of an address that several people have."""

ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
"""What is taken for a mail address. Whether it can be delivered to is not our question: intranets have their own."""

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def believable(
    people: Sequence[IdentityPerson], at_least: int, *, title: str, system: str
) -> tuple[IdentityPerson, ...]:
    """The people as they are, in the order of address and id.

    Raises: Rejected with the code `incomplete` if there are none, or fewer than `at_least`, or one who cannot be kept.
    """
    if len(people) < max(at_least, 1):
        many = f"{len(people)} people" if people else "nobody at all"
        allowed = f"; identity.at_least says {at_least}" if people else ", which never means that everybody left"
        todo = "Look at the source" + ("; if really no more are left, lower identity.at_least." if people else ".")
        raise Rejected(f"{title} told of {many}{allowed}. Nothing was changed. {todo}", system=system, code=INCOMPLETE)
    for one in people:
        _check(one, title, system)
    return tuple(sorted(people, key=lambda one: (one.email, one.id)))


def only_one(people: Sequence[IdentityPerson], email: str, *, title: str, system: str) -> IdentityPerson | None:
    """The one of these people who has this address, whatever its case; None if nobody has.

    Raises: Rejected with the code `ambiguous` if several have it.
    """
    wanted = address(email)
    found = [one for one in people if wanted and one.email == wanted]
    if len(found) > 1:
        ids = ", ".join(sorted(one.id for one in found))
        words = f"{title} has {wanted} for several people (ids {ids}): which one is meant cannot be told."
        raise Rejected(words, system=system, code=AMBIGUOUS)
    for one in found:
        _check(one, title, system)
    return found[0] if found else None


def _check(one: IdentityPerson, title: str, system: str) -> None:
    """Databases refuse NUL and lone surrogates, and a changed text would be somebody else's."""
    texts = (one.id, one.email, one.name, *one.groups, *(text for pair in one.attributes for text in pair))
    if _UNSTORABLE.search("".join(texts)):
        words = f"{title} told of person {one.id!a} a text with a character that is none (NUL or half a pair)."
        raise Rejected(f"{words} Nothing was changed. Mend it there.", system=system, code=INCOMPLETE)


def address(text: str) -> str:
    """A mail address as it is compared: without spaces around it, in lower case."""
    return text.strip().lower()
