"""`handoff triage list|show|apply|leave|undo|retry`: decisions from the terminal, also while Slack is away.

Rows and jobs are written beside a running bot, which carries them out and changes the message. The audit log names the
person of `--as` for the act itself, and in the same transaction the operating system's user who typed it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.failure_tickets.moves import refuse_strangers
from automations.failure_tickets.present import present
from automations.triage import acts
from automations.triage.card import decision_card, recent
from automations.triage.card_types import DecisionCard
from automations.triage.context import TriageContext
from automations.triage.decisions import decision_ref
from automations.words import in_brief
from bot.cli.options import AsEmail, AsJson, Limit, Opened, opened
from bot.cli.output import as_json, note, say, table
from bot.cli.times import in_zone
from bot.desk import limits_of
from bot.engine import bot_running
from bot.triage_parts import make_triage_context
from bot.views.texts import Look
from bot.views.triage_words import about_words, change_words, decider_words, score_words, state_words
from storage import audit
from storage.models import AuditEntry

DecisionId = Annotated[str, typer.Argument(metavar="ID", help="TRIAGE-7 or 7.")]
Act = Callable[[Session, int, Actor, TriageContext], str]


def list_decisions(
    ctx: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits for a person, oldest first.")] = False,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List what triage decided, newest first."""
    with opened(ctx) as here:
        with here.database.read() as session:
            cards = recent(session, triage_context(here, session), limit, waiting=waiting)
        zone = here.settings.team.zone
    if json:
        as_json([plain(card) for card in cards])
        return
    table(
        ("ID", "Ticket", "State", "At", "Change", "Why"),
        [
            (card.ref, in_brief(f"#{card.ticket_id} {card.title}", 60), card.state, in_zone(card.decided_at, zone),
             "; ".join(change_words(card)), in_brief(decider_words(card), 80))
            for card in cards
        ],
        fixed=("ID",),
    )  # fmt: skip


def show(ctx: typer.Context, decision: DecisionId, json: AsJson = False) -> None:
    """Show one decision: every rule in order, the score's arithmetic, what was changed, its history."""
    number = parse_ref(decision)
    with opened(ctx) as here:
        zone = here.settings.team.zone
        with here.database.read() as session:
            card = decision_card(session, number, triage_context(here, session))
            history = audit.entries(session, target=decision_ref(number), limit=None)
            session.expunge_all()
        if json:
            as_json(plain(card, history))
            return
        say(f"{card.ref}: #{card.ticket_id} {card.title}\n{card.url}")
        say(state_words(card, Look(zone=zone)))
        facts = [("About", about_words(card)), ("Why", decider_words(card)), ("Score", score_words(card))]
        facts += [("Change", words) for words in change_words(card)]
        table(("", ""), facts)
        rules = [(str(n), name, "yes" if hit else "no", words) for n, (name, hit, words) in enumerate(card.rules, 1)]
        table(("", "Rule", "Matched", "Found"), rules)
        table(("At", "Who", "What"), [(in_zone(one.at, zone), one.actor, one.action) for one in history])


def apply(ctx: typer.Context, decision: DecisionId, as_: AsEmail, json: AsJson = False) -> None:
    """Have a proposal carried out in the desk."""
    _act(ctx, decision, as_, "apply", acts.apply_by, json)


def leave(ctx: typer.Context, decision: DecisionId, as_: AsEmail, json: AsJson = False) -> None:
    """Leave the ticket as it is."""
    _act(ctx, decision, as_, "leave", acts.leave, json)


def undo(ctx: typer.Context, decision: DecisionId, as_: AsEmail, json: AsJson = False) -> None:
    """Have the ticket put back where it was, if nobody has moved it since."""
    _act(ctx, decision, as_, "undo", acts.undo, json)


def retry(ctx: typer.Context, decision: DecisionId, as_: AsEmail, json: AsJson = False) -> None:
    """Have what failed tried again."""
    _act(ctx, decision, as_, "retry", acts.retry, json)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of triage."""
    app.command("list")(list_decisions)
    for verb in (show, apply, leave, undo, retry):
        app.command(verb.__name__)(verb)


def parse_ref(text: str) -> int:
    """Read `TRIAGE-7`, `#7` or `7`. Raises: NotFound for anything else."""
    digits = text.strip().upper().removeprefix("TRIAGE-").lstrip("#")
    if not (digits.isascii() and digits.isdecimal() and 0 < len(digits) < 18):
        raise NotFound(f"{text!r} is not a decision of triage. `handoff triage list` shows those there are.")
    return int(digits)


def triage_context(here: Opened, session: Session) -> TriageContext:
    """What every act is given, with the team as it is now."""
    team = present(session, here.context)
    return make_triage_context(here.settings, team, desk_title=limits_of()[here.settings.desk.kind].TITLE)


def plain(card: DecisionCard, history: Sequence[AuditEntry] = ()) -> dict[str, Any]:
    """A decision as plain JSON: the fields of its card, people by their addresses."""
    told = {**asdict(card), "id": card.ref}
    people = {name: person.email if (person := getattr(card, name)) else None for name in ("changed_by", "undo_by")}
    times = {name: getattr(card, name) for name in ("decided_at", "changed_at", "verified_at")}
    told |= people | {name: at.isoformat() if at is not None else None for name, at in times.items()}
    del told["ref"]
    if history:
        told["history"] = [
            {"at": one.at.isoformat(), "actor": one.actor, "action": one.action, "outcome": one.outcome}
            for one in history
        ]
    return told


def _act(ctx: typer.Context, ref: str, email: str, name: str, act: Act, json: bool) -> None:
    """Do it, and write down who typed it. Raises: NotFound; Refused, which is audited."""
    number = parse_ref(ref)
    with opened(ctx, writing=True) as here:
        target = decision_ref(number)
        try:
            actor = here.acting(email)
            with here.database.begin() as session:
                audit.hold(session)
                refuse_strangers(session, actor, here.context)
                said = act(session, number, actor, triage_context(here, session))
                here.typed(session, f"triage.{name}", target, email, "done")
        except Refused as exc:
            with here.database.begin() as session:
                here.typed(session, f"triage.{name}", target, email, "refused", str(exc))
            raise
        if json:
            as_json({"id": target, "text": said})
        else:
            say(said)
        if not bot_running(here.database):
            note("No bot is running: the desk is changed when `handoff serve` runs again.")
