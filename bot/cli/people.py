"""`handoff people check|link`: who is who, by Slack user, desk agent and e-mail address."""

import re
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from sqlalchemy import select

from automations.domain import DeskAgent
from automations.errors import AdapterError, Refused, Rejected
from automations.failure_tickets.present import present
from automations.people import Person
from automations.ports import HelpDesk
from bot import people_links
from bot.cli.options import AsJson, opened, os_user
from bot.cli.output import as_json, note, say, table
from bot.cli.slack_look import SlackLook, reached, slack_look, why_not_usable
from bot.desk import open_desk
from storage import audit
from storage.models import PeopleLink

app = typer.Typer(no_args_is_help=True, help="Who is who: Slack user, desk agent, e-mail.")


@dataclass(frozen=True, slots=True)
class Joined:
    """One colleague as joined. `slack` and `desk` say what was found, `questions` what is open."""

    name: str
    email: str
    slack: str | None
    desk: str | None
    away: bool
    questions: tuple[str, ...]


@app.callback()
def group() -> None:
    """Who is who: Slack user, desk agent, e-mail."""


@app.command()
def check(ctx: typer.Context, json: AsJson = False) -> int:
    """Show who joins to whom, and list what is open. Exit 1 if something is."""
    with opened(ctx) as here:
        desk = open_desk(here.settings, here.database, here.context.clock)
        agents = {agent.email.lower(): agent for agent in desk.agents()}
        with here.database.read() as session:
            now, roster = here.context.clock.now(), present(session, here.context).roster
            linked = set(session.scalars(select(PeopleLink.email).where(PeopleLink.slack.is_not(None))))
        slack, team, not_asked = reached(slack_look(here.settings))
        found = [
            _joined(
                person,
                agents,
                slack,
                team,
                away=roster.away(person.email, now) is not None,
                linked=person.email.lower() in linked,
            )
            for person in roster.people
        ]
        named = {(person.desk or person.email).lower() for person in roster.people}
        others = sorted(email for email, agent in agents.items() if email not in named and agent.state == "active")
    questions = [f"{one.name}: {question}" for one in found for question in one.questions]
    questions += [f"{email} is an agent of the desk, but nobody under [[people]]" for email in others]
    if json:
        as_json({"people": [asdict(one) for one in found], "questions": questions, "slack": not_asked or "asked"})
    else:
        table(
            ("Name", "E-mail", "Slack", "Desk", "Away"),
            [(one.name, one.email, one.slack or "–", one.desk or "–", "away" if one.away else "") for one in found],
        )
        for question in questions:
            say(f"open: {question}")
        if not questions:
            say(f"{len(found)} people, no open questions.")
        if not_asked:
            note(f"Slack was not asked: {not_asked}")
    return 1 if questions else 0


@app.command()
def link(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of a person in the settings.")],
    slack: Annotated[str | None, typer.Option(metavar="ID", help="Their Slack user, such as U0ABC.")] = None,
    desk: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Their agent's address in the desk.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget what was linked.")] = False,
) -> None:
    """Say who somebody is in Slack or in the desk. It takes effect at once and wins over the settings."""
    if clear == bool(slack or desk):
        raise typer.BadParameter("give --slack or --desk or both, or --clear alone", param_hint="link")
    with opened(ctx) as here:
        if slack:
            _check_slack(slack, slack_look(here.settings))
        if desk:
            _check_agent(desk, open_desk(here.settings, here.database, here.context.clock))
        with here.database.begin() as session:
            if clear:
                said = people_links.clear(session, email, here.context, by=os_user())
            else:
                said = people_links.link(session, email, here.context, slack=slack, desk=desk, by=os_user())
    say(said)


@app.command()
def erase(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address that the action log is to forget.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; it cannot be taken back.")] = False,
) -> int:
    """Forget in the action log whose address this is: its rows stay, and show "erased person". It cannot be undone."""
    with opened(ctx) as here:
        with here.database.read() as session:
            rows = audit.naming(session, email)
        if not yes:
            say(f"{email} would be an erased person in the action log. Do it: --yes")
            _say_left(rows, email)
            return 2
        with here.database.begin() as session:
            erased = audit.erase(session, email, at=here.context.clock.now(), actor=os_user())
    if not erased:
        raise Refused(f"The action log knows nobody as {email}. Nothing was changed.")
    say(f"{email} is an erased person in the action log now ({', '.join(erased)}). Its chain is as it was.")
    _say_left(rows, email)
    return 0


def _say_left(rows: int, email: str) -> None:
    if rows:
        note(f"{rows} rows from before names could be erased hold {email} itself, and stay as they are.")


def _check_slack(user_id: str, slack: SlackLook | None) -> None:
    """Raises: Refused for what is no member of this workspace. Where Slack cannot be asked, it is said and believed."""
    if not re.fullmatch(r"[UW][A-Z0-9_]+", user_id):
        raise Refused(f"--slack {user_id}: a Slack user id begins with U or W. Nothing was changed.")
    door, team, not_asked = reached(slack)
    if door is None:
        note(f"Slack was not asked whether there is {user_id}: {not_asked}")
        return
    try:
        why = why_not_usable(door.user(user_id), team)
    except Rejected as exc:
        raise Refused(f"--slack {user_id}: {exc}. Nothing was changed.") from exc
    except AdapterError as exc:
        note(f"Slack was not asked whether there is {user_id}: {exc}")
        return
    if why:
        raise Refused(f"--slack {user_id}: {why}. Nothing was changed.")


def _check_agent(address: str, desk: HelpDesk) -> None:
    """Raises: Refused if the desk has no active agent by that address."""
    try:
        agents = {agent.email.lower(): agent for agent in desk.agents()}
    except AdapterError as exc:
        note(f"The desk was not asked whether there is {address}: {exc}")
        return
    if (agent := agents.get(address.lower())) is None or agent.state != "active":
        known = ", ".join(sorted(email for email, one in agents.items() if one.state == "active"))
        state = f"is {agent.state}" if agent else "is no agent"
        raise Refused(f"--desk {address}: this {state} in the desk. Active: {known}. Nothing was changed.")


def _joined(
    person: Person, agents: dict[str, DeskAgent], slack: SlackLook | None, team: str, *, away: bool, linked: bool
) -> Joined:
    questions = []
    agent = agents.get((person.desk or person.email).lower())
    if agent is None:
        questions.append(f"is no agent of the desk. Settle it: handoff people link {person.email} --desk ADDRESS")
    elif agent.state != "active":
        questions.append(
            f"is {agent.state} in the desk. Let them in there, or: handoff people link {person.email} --desk ADDRESS"
        )
    shown = person.slack
    if slack is None:
        if person.slack is None:
            questions.append(
                "has no Slack user here; equal e-mail addresses join by themselves, "
                f"else: handoff people link {person.email} --slack ID"
            )
    else:
        shown, question = _in_slack(person, slack, team, linked=linked)
        questions += [question] if question else []
    return Joined(person.name, person.email, shown, agent.email if agent else None, away, tuple(questions))


def _in_slack(person: Person, slack: SlackLook, team: str, *, linked: bool) -> tuple[str | None, str]:
    """The Slack user, and what is open about it."""
    try:
        user = slack.user(person.slack) if person.slack else slack.by_email(person.email)
    except Rejected as exc:
        return person.slack, f"{person.slack or person.email}: {exc}"
    except AdapterError as exc:
        return person.slack, f"could not be looked up: {exc}"
    if user is None:
        words = f"nobody in Slack has the address {person.email}"
        return None, f"{words}. Settle it: handoff people link {person.email} --slack ID"
    if why := why_not_usable(user, team):
        return user.id, f"{why}. Settle it: handoff people link {person.email} --slack ID"
    if linked:
        return user.id, ""
    if user.email and user.email.lower() != person.email.lower():
        words = f"has the address {user.email} in Slack; is {user.id} the same person?"
        return user.id, f"{words} If so: handoff people link {person.email} --slack {user.id}"
    return user.id, ""
