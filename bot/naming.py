"""Whom of the team a name means: an e-mail address, a name, a part of it."""

from automations.errors import Refused
from automations.people import Person, Roster


def by_words(words: str, roster: Roster) -> Person:
    """Find a person by e-mail address, Slack user id or whole name, else by a part of the name or the address.

    Raises: Refused if nobody or several fit, with who is known or may be meant.
    """
    said = words.strip().removeprefix("@").strip().casefold()
    for fits in (_exactly, _in_part):
        found = [one for one in roster.people if said and fits(said, one)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f"{one.name} ({one.email})" for one in found)
            raise Refused(f"“{words[:60]}” may be {listed}. Nothing was changed; please say which.")
    known = ", ".join(one.name for one in roster.people[:30]) or "nobody yet"
    raise Refused(f"I know nobody called “{words[:60]}”. Known: {known}. Nothing was changed.")


def _exactly(said: str, person: Person) -> bool:
    return said in (person.email.casefold(), person.name.casefold(), (person.slack or "").casefold())


def _in_part(said: str, person: Person) -> bool:
    name, handle = person.name.casefold(), person.email.casefold().partition("@")[0]
    return said in (handle, *name.split()) or said.replace(".", " ") == name
