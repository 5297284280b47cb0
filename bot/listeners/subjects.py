"""Whom a request for access is about, and who follows: by mention, by e-mail address, by name. Some are not here yet.

Unlike a colleague (see `colleagues`), who is to come need not be known to Handoff or to Slack; the address names them.
"""

from dataclasses import dataclass

from automations.errors import Refused
from bot.grammar_access import ADDRESS
from bot.grammar_duty import USER_ID, literal, mentioned
from bot.listeners.exchange import Turn
from bot.naming import by_words
from bot.permissions import Identity


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a run is about. `email` in lower case; `name` and `slack` empty where they are not known."""

    email: str
    name: str = ""
    slack: str = ""

    @property
    def called(self) -> str:
        """What to call them."""
        return self.name or self.email


def newcomer(words: str, turn: Turn) -> Subject:
    """Find who is to be given access.

    Raises: Refused if it cannot be said who that is, or Slack says they may not act here: guests, apps, people of other
    organizations, deactivated people.
    """
    user = _user(words)
    if user is not None and (known := turn.named.get(user)) is not None and known.why_not and not known.blocked:
        raise Refused(f"{known.actor.name} cannot be given access. {known.why_not} Nothing was asked for.")
    return _subject(words, turn)


def leaver(words: str, turn: Turn) -> Subject:
    """Find who is leaving; they may be deactivated in Slack or blocked already.

    Raises: Refused if it cannot be said who that is.
    """
    return _subject(words, turn)


def successor(words: str, turn: Turn, subject: Subject) -> Subject | None:
    """Find who takes over, None for no words. Raises: Refused if that is nobody of the team, or who leaves."""
    if not words:
        return None
    user = _user(words)
    if user is not None and (known := turn.named.get(user)) is not None and known.why_not:
        raise Refused(f"{known.actor.name} cannot take over. {known.why_not} Nothing was asked for.")
    found = _subject(words, turn)
    if found.email == subject.email:
        raise Refused(f"{subject.called} leaves, so somebody else has to take over. Nothing was asked for.")
    if turn.deps.ctx.roster.by_email(found.email) is None:
        known_names = ", ".join(person.name for person in turn.deps.ctx.roster.people[:30])
        raise Refused(
            f"{found.called} is not in Handoff's list of people. Known: {known_names}. Nothing was asked for."
        )
    return found


def _subject(words: str, turn: Turn) -> Subject:
    if (user := _user(words)) is not None:
        return _of_slack(user, turn.named.get(user), turn)
    said, roster = turn.deps.ctx.redactor.text(literal(words)).strip(), turn.deps.ctx.roster
    if ADDRESS.fullmatch(said):
        known = roster.by_email(said)
        return Subject(said.lower(), known.name if known else "", (known.slack or "") if known else "")
    person = by_words(said, roster)
    return Subject(person.email.lower(), person.name, person.slack or "")


def _of_slack(user: str, known: Identity | None, turn: Turn) -> Subject:
    roster = turn.deps.ctx.roster
    if (person := roster.by_slack(user)) is not None:
        return Subject(person.email.lower(), person.name, user)
    if known is None or not known.actor.email:
        name = known.actor.name if known else user
        raise Refused(
            f"Slack does not tell Handoff the e-mail address of {name}, so it is not known who that is in the desk. "
            "Name them by e-mail instead. Nothing was asked for."
        )
    return Subject(known.actor.email.lower(), known.actor.name, user)


def _user(words: str) -> str | None:
    """The Slack user that words mention, or that a form's picker gave; None for other words."""
    if USER_ID.fullmatch(words):
        return words
    return next(iter(mentioned(words)), None)
