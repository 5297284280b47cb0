"""`handoff init`: asks a few questions, tests each answer as it is given, and writes a settings file."""

import os
import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer
from slack_sdk import WebClient

from automations.errors import AdapterError, ConfigError, Rejected
from bot.cli.check_slack import check_channel
from bot.cli.finding import State
from bot.cli.init_desk import desk_url, given, needed, requester
from bot.cli.init_file import Answers, written
from bot.cli.options import config_of
from bot.cli.output import note, say
from bot.cli.slack_look import SlackLook, why_not_usable
from bot.desk import limits_of
from bot.settings_file import DEFAULT_FILE, load
from bot.team import book

Problem = str | None
"""What is wrong with an answer, in words; None if it may stand."""

_CHANNEL = re.compile(r"[CG][A-Z0-9_]+")
_ROLE = re.compile(r"[UWS][A-Z0-9_]+")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+")
_PERSON = re.compile(r"[UW][A-Z0-9_]+")
TRIES = 5
"""After so many wrong answers in a row the question is given up, so that a script cannot ask for ever."""


def init(
    ctx: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="Where to write; ./handoff.toml if unset.")
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing; the file shows what to fill in.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented handoff.toml: asks zone, help desk, channels, roles and default owner, and tests each answer.

    With HANDOFF_SLACK__BOT_TOKEN set, Slack is asked about channels and people as they are named; with
    HANDOFF_DESK__TOKEN, the help desk whether it answers.
    """
    target = path or config_of(ctx) or Path(DEFAULT_FILE)
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already; nothing was changed. --force writes over it.")
    answers = Answers() if defaults else _asked(Interview(_slack()))
    text = written(answers)
    _check(text)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise ConfigError(f"{target}: the file cannot be written ({exc.strerror}).") from exc
    say(f"{target} was written. Next: set the secrets it names, then `handoff doctor`.")
    say("It says that your team works Mon-Fri 09:00-17:00 ([hours]): at other times only urgent cases mention anybody.")


class Interview:
    """Asks questions and tests the answers. `slack` None: what only Slack knows is not tested."""

    def __init__(self, slack: SlackLook | None) -> None:
        self.slack = slack
        self.team = ""
        if slack is not None:
            try:
                self.team = slack.auth_test().team_id
            except AdapterError as exc:
                note(f"Slack cannot be asked, so its answers are not tested: {exc}")
                self.slack = None

    def ask(self, question: str, default: str, check: Callable[[str], Problem]) -> str:
        """Ask until the answer may stand. Raises: ConfigError after too many wrong ones."""
        for _ in range(TRIES):
            answer: str = typer.prompt(question, default=default, err=True).strip()
            wrong = check(answer)
            if wrong is None:
                return answer
            note(wrong)
        raise ConfigError(f"{question}: {TRIES} answers in a row could not be used. Nothing was written.")

    def channel(self, text: str) -> Problem:
        """A channel's id, in which the bot is a member."""
        if not _CHANNEL.fullmatch(text):
            return "A channel's id is needed, such as C0123ABCD: open the channel's details, it stands at the bottom."
        if self.slack is not None:
            found = check_channel(self.slack, text, text)
            note(found.words)
            return found.todo or "Please name another." if found.state is State.PROBLEM else None
        return None

    def roles(self, text: str) -> Problem:
        """Ids of users and user groups, separated by commas."""
        for one in _split(text):
            if not _ROLE.fullmatch(one):
                return f"{one!r} is no Slack id: a user's begins with U or W, a user group's with S."
            if self.slack is not None and (wrong := self._known(one)):
                return wrong
        return None

    def some_roles(self, text: str) -> Problem:
        """The same, and at least one."""
        return self.roles(text) if _split(text) else "At least one is needed: somebody has to be able to decide."

    def email(self, text: str) -> Problem:
        """An e-mail address; somebody in Slack has it."""
        if not _EMAIL.fullmatch(text):
            return "An e-mail address is needed."
        if self.slack is not None:
            try:
                user = self.slack.by_email(text)
            except AdapterError as exc:
                note(f"This could not be looked up: {exc}")
            else:
                note(f"In Slack this is {user.name} ({user.id})." if user else "Nobody in Slack has this address.")
        return None

    def person(self, text: str) -> Problem:
        """A Slack user's id, or nothing."""
        if not text:
            return None
        if not _PERSON.fullmatch(text):
            return "A Slack user's id begins with U or W: open the profile, then ⋮, Copy member ID."
        return self._known(text) if self.slack is not None else None

    def _known(self, one: str) -> Problem:
        """Ask Slack about a user or a user group."""
        assert self.slack is not None, "asked only where there is a token"
        try:
            if one.startswith("S"):
                return None if self.slack.usergroup_members(one) else f"The user group {one} has no members."
            why = why_not_usable(self.slack.user(one), self.team)
        except Rejected as exc:
            return f"Slack does not know {one}: {exc}"
        except AdapterError as exc:
            note(f"{one} could not be looked up: {exc}")
            return None
        return f"{one}: {why}." if why else None


def _asked(to: Interview) -> Answers:
    if to.slack is None:
        note("Without HANDOFF_SLACK__BOT_TOKEN the answers about Slack can be tested for their form only.")
    blank = Answers()
    return Answers(
        zone=to.ask("Your team's zone", blank.zone, _zone),
        desk=(desk := to.ask(f"Help desk ({', '.join(limits_of())})", blank.desk, _desk)),
        desk_named=(named := _named(to, desk)),
        desk_url=to.ask("Address of its API", "", partial(desk_url, desk, named)) if desk != blank.desk else "",
        desk_requester=to.ask("Internal e-mail that requests the tickets", "", requester) if desk != blank.desk else "",
        failures=to.ask("Channel for failures (id)", "", to.channel),
        escalations=to.ask("Channel for escalations (id)", "", to.channel),
        agent=_split(to.ask("Agents: user or user group ids, separated by commas (may be empty)", "", to.roles)),
        lead=_split(to.ask("Leads: user or user group ids", "", to.some_roles)),
        admin=_split(to.ask("Admins: user or user group ids (may be empty)", "", to.roles)),
        owner_email=to.ask("Default owner: e-mail", "", to.email).lower(),
        owner_name=to.ask("Default owner: name", "", lambda text: None if text else "A name is needed."),
        owner_slack=to.ask("Default owner: Slack user id (may be empty)", "", to.person),
    )


def _named(to: Interview, desk: str) -> tuple[str, str]:
    """The key and value that this kind of desk cannot do without; two empty texts for none."""
    if (wanted := needed(desk)) is None:
        return "", ""
    return wanted.key, to.ask(wanted.question, wanted.default, given)


def _desk(text: str) -> Problem:
    return None if text in limits_of() else f"{text!r} is none of {', '.join(limits_of())}."


def _zone(text: str) -> Problem:
    return (
        None if text in available_timezones() else f"{text!r} is no zone; an IANA name such as Europe/Oslo is needed."
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _slack() -> SlackLook | None:
    token = os.environ.get("HANDOFF_SLACK__BOT_TOKEN", "").strip()
    base_url = os.environ.get("HANDOFF_SLACK__BASE_URL") or WebClient.BASE_URL
    return SlackLook(token, base_url=base_url) if token else None


def _check(text: str) -> None:
    """What is written must be what the bot accepts. Raises: ConfigError."""
    with tempfile.TemporaryDirectory(prefix="handoff-init-") as folder:
        trial = Path(folder) / DEFAULT_FILE
        trial.write_text(text, encoding="utf-8")
        book(load(trial, {}).settings)
