"""`handoff people check`: who is who, by Slack user, desk agent and e-mail address."""

from dataclasses import asdict, dataclass

import typer

from automations.domain import DeskAgent
from automations.errors import AdapterError, Rejected
from automations.people import Person
from bot.cli.options import AsJson, opened
from bot.cli.output import as_json, note, say, table
from bot.cli.slack_look import SlackLook, slack_look, why_not_usable
from bot.desk import open_desk

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
        now, roster = here.context.clock.now(), here.context.roster
        slack, team, not_asked = _slack(slack_look(here.settings))
        found = [
            _joined(person, agents, slack, team, away=roster.away(person.email, now) is not None)
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


def _slack(slack: SlackLook | None) -> tuple[SlackLook | None, str, str]:
    """Slack with our team's id, or in words why it cannot be asked."""
    if slack is None:
        return None, "", "there is no bot token (HANDOFF_SLACK__BOT_TOKEN)"
    try:
        return slack, slack.auth_test().team_id, ""
    except AdapterError as exc:
        return None, "", str(exc)


def _joined(person: Person, agents: dict[str, DeskAgent], slack: SlackLook | None, team: str, *, away: bool) -> Joined:
    questions = []
    agent = agents.get((person.desk or person.email).lower())
    if agent is None:
        questions.append("is no agent of the desk yet (the bot adds them when it starts)")
    elif agent.state != "active":
        questions.append(f"is {agent.state} in the desk")
    shown = person.slack
    if slack is None:
        if person.slack is None:
            questions.append("has no Slack user here; equal e-mail addresses join by themselves")
    else:
        shown, question = _in_slack(person, slack, team)
        questions += [question] if question else []
    return Joined(person.name, person.email, shown, agent.email if agent else None, away, tuple(questions))


def _in_slack(person: Person, slack: SlackLook, team: str) -> tuple[str | None, str]:
    """The Slack user, and what is open about it."""
    try:
        user = slack.user(person.slack) if person.slack else slack.by_email(person.email)
    except Rejected as exc:
        return person.slack, f"{person.slack or person.email}: {exc}"
    except AdapterError as exc:
        return person.slack, f"could not be looked up: {exc}"
    if user is None:
        return None, f"nobody in Slack has the address {person.email}"
    if why := why_not_usable(user, team):
        return user.id, why
    if user.email and user.email.lower() != person.email.lower():
        return user.id, f"has the address {user.email} in Slack; is {user.id} the same person?"
    return user.id, ""
