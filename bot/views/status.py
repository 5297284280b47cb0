"""How things stand, and what can be typed: the answers to `/support status` and `/support help`."""

from collections.abc import Sequence
from datetime import datetime

from automations.customer_context.standing import Stands
from automations.domain import Mode
from automations.failure_tickets.team_types import AuditLine, AwayLine, DutyLine, PauseLine, StatusSummary
from automations.runs.card import run_ref
from automations.runs.card_types import RunCard
from automations.weekly_report.card_types import report_ref
from bot.views import Block, Message
from bot.views.blocks import Part, bullets, context, header, link, message, rich, saying, section, words
from bot.views.lists import case_line
from bot.views.runs import runs_lines
from bot.views.texts import Look, esc, moment, moment_mrkdwn

FAR = {
    Mode.OFF: "record failures and do nothing",
    Mode.SHADOW: "say what they would do",
    Mode.AUTO: "act by themselves",
}
"""What failure tickets do in each mode."""

COMMANDS = (
    ("mine", "your open cases"),
    ("cases", "all open cases; a number after it turns the page"),
    ("new", "opens a case for what came by phone or in another channel"),
    ("escalate TICKET because …", "brings a ticket or CASE-n before whoever is due; alone it opens a form"),
    ("escalations", "what is escalated and not closed; a number after it turns the page"),
    ("triage", "where today's triage is; for leads, triage evaluate 90d measures it on the desk's own history"),
    ("status", "how many cases are open, what is not verified, stuck or paused, who is on duty, who is away"),
    ("on-duty", "who has the duty until when"),
    ("on-duty cover", "takes a duty until the next hand-over; [ROTATION] [@person] until TIME says more"),
    ("on-duty swap @person", "swaps your next shift with theirs; on-duty end-cover takes it back"),
    ("away until Fri 09:00", "you are away until then, others get new cases; away alone shows who is"),
    ("back", "you are back before that time"),
    ("pause NAME until 14:00 because …", "for leads: an automation or a source acts on nothing until then"),
    ("resume NAME", "for leads: ends a pause early"),
    ("help", "this text"),
)
"""What can be typed, and what it does."""

OTHER_COMMANDS = (
    ("-report last-week", "the queue report for you or, by a lead, for all; alone it opens a form, help says more"),
    ("-stuck", "work that could not be done and waits for somebody"),
    ("-undo RUN-7", "for leads: takes back a run, or what failure-tickets or triage did; alone it says how"),
)
"""Commands of their own, for everybody with a role."""

ACCESS_COMMANDS = (
    ("-provision @person ROLE", "for leads: gives somebody access to the desk; alone it opens a form"),
    ("-offboard @person", "for leads: takes somebody's access away; alone it opens a form"),
    ("-reconcile", "for leads: compares who is in the desk with who works here"),
)
"""What leads can type besides, where access is set up."""

CUSTOMER_COMMANDS = (
    ("-customers", "compares customers with their sources; list, show ACCOUNT, conflicts, rejected; help says more"),
)
"""What can be typed where customers are kept."""

TIMES = "Times as you say them: 14:00, tomorrow 09:00, Fri 09:00, 30 Nov, 2h, 3d, end of shift."


def status_message(
    status: StatusSummary,
    duty: Sequence[DutyLine],
    now: datetime,
    look: Look,
    runs: Sequence[RunCard] = (),
    report: tuple[int, str] | None = None,
    escalations: Sequence[Block] = (),
    customers: Stands | None = None,
    wrong: Sequence[str] = (),
) -> Message:
    """Show how things stand: what is wrong, counts, what is not verified or paused, who is on duty, who is away.

    `runs` are those that wait for somebody and that the reader may see; `report` is the newest posted queue report,
    its number and where it is; `escalations` are the lines of `escalation_status`; `customers` is how these stand, None
    where none are kept; `wrong` says in words what is wrong, the worst first.
    """
    broken = f"{len(wrong)} wrong, " if wrong else ""
    paused = f", {len(status.pauses)} paused" if status.pauses else ""
    return message(
        f"{broken}{status.open} open, {status.claimed} claimed, {status.stuck} stuck{paused}",
        header("Status"),
        rich(
            *wrong_lines(wrong),
            *counted(status, look),
            *escalations,
            *runs_lines(runs, look),
            *customer_lines(customers, look),
            *pause_lines(status.pauses, look),
            *on_duty(duty, look),
            *away_lines(status.away, look),
            *([section(words("Newest queue report: "), link(report[1], report_ref(report[0])))] if report else []),
        ),
        context(f"As of {moment_mrkdwn(now, look)}"),
    )


def help_message(look: Look, *, problem: str = "", access: bool = False, customers: bool = False) -> Message:
    """Show what can be typed, clicked and reacted; `problem` says first what was not understood.

    `access`: the reader may ask for access, so its commands are among them. `customers`: some are kept.
    """
    typed = [*((f" {word}", text) for word, text in COMMANDS), *OTHER_COMMANDS]
    typed += [*(CUSTOMER_COMMANDS if customers else ()), *(ACCESS_COMMANDS if access else ())]
    reactions = [
        (look.claim, "claims the case; taking it back releases it"),
        (look.resolve, "offers the resolve form"),
        (look.escalate, "offers the escalate form"),
    ]
    return message(
        esc(problem, 300) or f"What /{look.prefix} knows",
        *([saying(problem)] if problem else []),
        rich(
            section(words("Commands", bold=True)),
            bullets([[words(f"/{look.prefix}{word}", bold=True), words(f"  {text}")] for word, text in typed]),
            section(words(TIMES)),
            section(words("Reactions on a case message", bold=True)),
            bullets([[{"type": "emoji", "name": name}, words(f"  {text}")] for name, text in reactions]),
            section(words("Every case message has buttons for the same. What you write in its thread stays in Slack.")),
        ),
    )


def wrong_lines(wrong: Sequence[str]) -> list[Block]:
    """Say what is wrong, before all else (elements of `rich`); nothing if nothing is."""
    if not wrong:
        return []
    lines: list[list[Part]] = [[words(f"🔴 {line}", limit=400)] for line in wrong]
    return [section(words("What is wrong", bold=True)), bullets(lines)]


def counted(status: StatusSummary, look: Look) -> list[Block]:
    """Say how things stand as a list (elements of `rich`)."""
    by_priority = ", ".join(f"{count} {priority}" for priority, count in status.by_priority if count)
    lines: list[list[Part]] = [
        [words(f"{status.open} open", bold=True), words(f", {status.claimed} claimed, {status.escalated} escalated")],
        *([[words(f"By priority: {by_priority}")]] if by_priority else []),
        [words(f"{_mark(status.unverified)} {status.unverified} with a ticket that is not verified yet")],
        [words(f"{_mark(status.stuck)} {status.stuck} stuck in the failure queue")],
        [words(f"{_mark(status.waiting_for_slack)} {status.waiting_for_slack} messages waiting for Slack")],
    ]
    if status.stale:
        lines.append([words(f"🟠 {status.stale} stale: claimed, reminded of, and still left alone")])
    if status.audit is not None:
        lines.append(_audited(status.audit, look))
    lines.append([words(f"Failure tickets {FAR.get(status.mode, 'do nothing')} (mode {status.mode})")])
    if (oldest := status.oldest_unclaimed) is not None:
        lines.append([words("Unclaimed the longest: "), *case_line(oldest, look)])
    return [bullets(lines)]


def _audited(line: AuditLine, look: Look) -> list[Part]:
    since = f"{line.rows:,} {'row' if line.rows == 1 else 'rows'} since"
    mark = "🔴 " if line.late else ""
    said: list[Part] = [words(f"{mark}Audit log: no signed checkpoint yet, {since}")]
    if line.last is not None:
        said = [words(f"{mark}Audit log: last signed checkpoint "), moment(line.last, look), words(f", {since}")]
    return [*said, *([words(". That is too long: an admin runs handoff doctor.")] if line.late else [])]


def customer_lines(stands: Stands | None, look: Look) -> list[Block]:
    """Say how customers stand and what of them waits for people (elements of `rich`)."""
    if stands is None:
        return []
    gone = f", {stands.gone:,} of them gone from their source" if stands.gone else ""
    groups = f"{stands.open_groups} {'group' if stands.open_groups == 1 else 'groups'} of changes"
    held = f", {stands.held_groups} held" if stands.held_groups else ""
    unclear = stands.open_conflicts, stands.open_rejected
    conflicts = f"{unclear[0]} {'conflict' if unclear[0] == 1 else 'conflicts'}"
    rows = f"{unclear[1]} rejected {'row' if unclear[1] == 1 else 'rows'}"
    lines: list[list[Part]] = [
        [words(f"{stands.customers:,} known{gone}")],
        [words(f"{_mark(stands.open_groups)} {groups} to decide about{held}")],
        [words(f"{_mark(sum(unclear))} {conflicts} and {rows} open")],
    ]
    synced = stands.last_sync
    if synced is not None:
        state = f": {synced.state.replace('_', ' ')}"
        lines.append([words(f"Newest sync {run_ref(synced.id)}, "), moment(synced.requested_at, look), words(state)])
    return [section(words("How customers stand", bold=True)), bullets(lines)]


def on_duty(duty: Sequence[DutyLine], look: Look) -> list[Block]:
    """Say who is on duty, until when, who comes then, and which covers are to come (elements of `rich`)."""
    if not duty:
        return []
    lines: list[list[Part]] = []
    for line in duty:
        lines.append(_turn(line, look))
        lines += [
            [
                words(f"{line.rotation}, later: ", limit=100), words(cover.person.name, bold=True, limit=100),
                words(" by a swap, from " if cover.kind == "swap" else " covers from "), moment(cover.start, look),
                words(" until "), moment(cover.until, look),
            ]
            for cover in line.covers
        ]  # fmt: skip
    return [section(words("On duty now", bold=True)), bullets(lines)]


def away_lines(away: Sequence[AwayLine], look: Look) -> list[Block]:
    """Say who is away until when, or will be (elements of `rich`)."""
    if not away:
        return []
    lines: list[list[Part]] = []
    for line in away:
        by = f", by {line.by.name}" if line.by and line.by.email != line.person.email else ""
        lines.append([
            words(line.person.name, bold=True, limit=100),
            *([words(" from "), moment(line.start, look)] if line.ahead else []),
            words(" until "), moment(line.until, look), *([words(by, limit=100)] if by else []),
        ])  # fmt: skip
    return [section(words("Away", bold=True)), bullets(lines)]


def pause_lines(pauses: Sequence[PauseLine], look: Look) -> list[Block]:
    """Say what is paused: until when, why, by whom (elements of `rich`)."""
    if not pauses:
        return []
    lines: list[list[Part]] = [
        [
            words("⏸ "), words(line.target, bold=True, limit=120), words(" until "), moment(line.until, look),
            words(f", by {line.by.name}: {line.because}", limit=400),
        ]
        for line in pauses
    ]  # fmt: skip
    return [section(words("Paused: events are only recorded", bold=True)), bullets(lines)]


def _turn(line: DutyLine, look: Look) -> list[Part]:
    absent = "nobody, everybody is away" if line.begun else "nobody yet"
    name = line.person.name if line.person else absent
    word = " until " if line.begun or line.person else ", the first shift begins "
    until = [words(word), moment(line.until, look)] if line.until else []
    covers = [words(f", in place of {line.covers_for.name}", limit=120)] if line.covers_for else []
    then = [words(f", then {line.then.name}", limit=120)] if line.then and line.then != line.person else []
    return [words(f"{line.rotation}: ", limit=100), words(name, bold=True, limit=100), *covers, *until, *then]


def _mark(count: int) -> str:
    return "🟠" if count else "🟢"
