"""Whom a person means by the words after a command: a mention, an e-mail address, a name."""

from automations.errors import Refused
from automations.people import Person
from bot.grammar_duty import literal, mentioned
from bot.listeners.exchange import Turn
from bot.naming import by_words

_ME = frozenset({"me", "myself", "@me", "i"})


def colleague(words: str, turn: Turn) -> Person | None:
    """Find who is meant, None for no words at all.

    Raises: Refused if nobody or several are meant (with the candidates), or the person may not act in Handoff: guests,
    apps, people of other organizations.
    """
    if not words:
        return None
    if words.casefold() in _ME:
        return myself(turn)
    if ids := mentioned(words):
        return _mentioned(ids, turn)
    return by_words(literal(words), turn.deps.ctx.roster)


def picked(turn: Turn, doing: str) -> str:
    """The e-mail of the person that a form's picker gave. `doing` is what they are to do: `own a case`.

    Raises: Refused in words if nobody, or nobody of the team, was picked.
    """
    if turn.chosen is None:
        raise Refused(f"Please choose who is to {doing}.")
    chosen = turn.chosen.actor
    if turn.chosen.why_not:
        raise Refused(f"{chosen.name} cannot {doing}. {turn.chosen.why_not}")
    if chosen.email is None or turn.deps.ctx.roster.by_email(chosen.email) is None:
        known = ", ".join(sorted(person.name for person in turn.deps.ctx.roster.people))
        raise Refused(f"{chosen.name} is not in Handoff's list of people. Known: {known}.")
    return chosen.email


def myself(turn: Turn) -> Person:
    """The one who asks. Raises Refused if the settings do not name this person."""
    person = turn.deps.ctx.roster.by_email(turn.actor.email)
    if person is None:
        raise Refused(
            f"{turn.actor.name} is not in Handoff's list of people. Nothing was changed. "
            "An admin can add the e-mail address under [[people]]."
        )
    return person


def _mentioned(ids: tuple[str, ...], turn: Turn) -> Person:
    if len(ids) > 1:
        raise Refused("Please name one person at a time. Nothing was changed.")
    chosen = turn.chosen
    if chosen is not None and chosen.why_not:
        raise Refused(f"{chosen.actor.name}: {chosen.why_not} Nothing was changed.")
    roster = turn.deps.ctx.roster
    person = roster.by_slack(ids[0]) or roster.by_email(chosen.actor.email if chosen else None)
    if person is None:
        name = chosen.actor.name if chosen else ids[0]
        raise Refused(
            f"{name} is not in Handoff's list of people. Nothing was changed. "
            "An admin can add the e-mail address under [[people]]."
        )
    return person
