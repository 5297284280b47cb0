"""`handoff cases …`: what there is and what was done about it. The verbs are in `bot.cli.case_verbs`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement

from automations.domain import CaseStatus, case_ref, parse_case_ref
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.detail import case_detail
from automations.failure_tickets.lists import UNCLOSED, case_rows
from automations.words import in_brief, who
from bot.cli import case_verbs
from bot.cli.options import AsJson, Limit, opened
from bot.cli.output import as_json, facts, say, table
from bot.cli.times import in_zone
from storage.models import Case

app = typer.Typer(no_args_is_help=True, help="Cases, and everything people do to them, also while Slack is away.")

CaseId = Annotated[str, typer.Argument(metavar="ID", help="CASE-42, #42 or 42.")]


class Wanted(StrEnum):
    """Which cases to list."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    NOT_NEEDED = "not_needed"
    ALL = "all"


@app.command("list")
def list_cases(
    ctx: typer.Context,
    status: Annotated[Wanted | None, typer.Option(help="Only these; open and claimed ones if unset.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only those of one owner.")] = None,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List cases, most urgent first, then oldest."""
    where: list[ColumnElement[bool]] = (
        [] if status is Wanted.ALL else [Case.status == status.value] if status else [UNCLOSED]
    )
    if owner is not None:
        where.append(Case.owner == owner.strip().lower())
    with opened(ctx) as here:
        with here.database.read() as session:
            rows = case_rows(session, here.context, *where, limit=limit)
        if json:
            as_json([_plain(row) for row in rows])
            return
    table(
        ("Case", "Priority", "State", "Owner", "Count", "What failed"),
        [
            (case_ref(row.id), row.priority, _state(row), row.owner.name, row.count, in_brief(row.summary, 120))
            for row in rows
        ],
        fixed=("Case", "Priority"),
    )  # fmt: skip


@app.command()
def show(ctx: typer.Context, case: CaseId, json: AsJson = False) -> None:
    """Show one case: what happened, its ticket, its Slack message, its history."""
    case_id = parse_case_ref(case)
    with opened(ctx) as here:
        with here.database.read() as session:
            detail = case_detail(session, case_id, here.context)
        if json:
            as_json(detail)
            return
        _show(detail, here.settings.team.zone, lambda identity: who(identity, here.context))


case_verbs.register(app)


def _plain(row: CaseRow) -> dict[str, Any]:
    return {
        "id": case_ref(row.id),
        "status": row.status.value,
        "priority": row.priority.value,
        "summary": row.summary,
        "owner": row.owner.email,
        "owner_name": row.owner.name,
        "count": row.count,
        "opened_at": row.opened_at.isoformat(),
        "last_seen": row.last_seen.isoformat(),
        "escalated": row.escalated,
        "ticket_verified": row.ticket_current,
        "permalink": row.permalink,
    }


def _state(row: CaseRow) -> str:
    words = row.status.value.replace("_", " ")
    escalated = ", escalated" if row.escalated and not row.status.closed else ""
    return f"{words}{escalated}{'' if row.ticket_current else ', ticket not verified'}"


def _show(detail: dict[str, Any], zone: str, name: Callable[[str], str]) -> None:
    closed = CaseStatus(detail["status"]).closed
    why = " + ".join(f"{one['label']} {one['points']}" for one in detail["priority_why"])
    customer, ticket, slack = detail["customer"], detail["ticket"], detail["slack"]
    say(f"{detail['id']}  {detail['summary']}")
    facts(
        [
            ("State", detail["status"].replace("_", " ")),
            ("Priority", f"{detail['priority']}{f' ({why})' if why else ''}"),
            ("Owner", f"{detail['owner_name']} ({detail['owner_why']})"),
            ("Claimed", in_zone(detail["claimed_at"], zone)),
            ("Closed", f"{in_zone(detail['closed_at'], zone)} by {name(detail['closed_by'])}" if closed else None),
            ("Note", detail["close_note"]),
            ("Fields", ", ".join(f"{field}: {value}" for field, value in (detail["close_fields"] or {}).items())),
            ("Desk hears", in_zone(detail["hold_until"], zone)),
            ("Snoozed", _snoozed(detail, zone, name)),
            ("Stale since", in_zone(detail["stale_at"], zone)),
            ("Escalated", _escalated(detail, zone)),
            ("Source", f"{detail['source']} ({detail['reason']})"),
            ("Job", " ".join(filter(None, (detail["job_name"], detail["job_id"])))),
            ("Customer", customer and " ".join(filter(None, (customer["name"], customer["id"], customer["tier"])))),
            ("Tier, status", customer and customer["standing"]),
            ("Seen", _seen(detail, zone)),
            ("Came back", f"{detail['flaps']} times by itself" if detail["flaps"] else None),
            ("Details", detail["details"]),
            ("Diagnostics", detail["diagnostics_url"]),
            ("Rule, queue", f"{detail['rule']}, {detail['queue']}"),
            ("Feedback", _feedback(detail, zone)),
            ("Group", detail["group"]),
            ("Previous", detail["previous"]),
            ("Next", detail["next"]),
            ("Ticket", _ticket(ticket)),
            ("Found by", ticket["named_by"] and name(ticket["named_by"])),
            ("Desk read", in_zone(ticket["read_at"], zone)),
            ("Slack", slack and (slack["permalink"] or f"{slack['state']}: {slack['error'] or 'not posted yet'}")),
            ("Page", detail["url"]),
        ]
    )  # fmt: skip
    say("\nHistory")
    facts((in_zone(line["at"], zone), f"{name(line['actor'])} {line['text']}") for line in detail["history"])


def _seen(detail: dict[str, Any], zone: str) -> str:
    first, last = in_zone(detail["first_seen"], zone), in_zone(detail["last_seen"], zone)
    return f"once, {first}" if detail["count"] == 1 else f"{detail['count']} times, {first} to {last}"


def _snoozed(detail: dict[str, Any], zone: str, name: Callable[[str], str]) -> str | None:
    until = detail["snoozed_until"]
    return f"until {in_zone(until, zone)} by {name(detail['snoozed_by'])}" if until else None


def _escalated(detail: dict[str, Any], zone: str) -> str | None:
    at = detail["escalated_at"]
    return f"{in_zone(at, zone)}: {detail['escalation_reason']}" if at else None


def _feedback(detail: dict[str, Any], zone: str) -> str | None:
    """What people said of the rule by this case; nothing else is said of a rule as yet."""
    said = []
    for one in detail["feedback"]:
        note = f": {one['note']}" if one["note"] else ""
        withdrawn = f", withdrawn {in_zone(one['withdrawn_at'], zone)} by reopening" if one["withdrawn_at"] else ""
        said.append(f"not needed, {one['actor']} {in_zone(one['at'], zone)}{note} (rule {one['rule']}{withdrawn})")
    return "; ".join(said) or None


def _ticket(ticket: dict[str, Any]) -> str:
    where = ticket["url"] or f"in {ticket['system']}"
    state = "verified" if ticket["verified"] else f"{ticket['state']}, not verified"
    missing = f": {ticket['missing']}" if ticket["missing"] else ""
    return f"{where} ({state}{missing})"
