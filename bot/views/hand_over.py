"""The message of a hand-over: who hands over to whom, and what is taken over."""

from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.team_types import HandOverCard
from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import Part, bullets, context, header, message, ping, rich, section, words
from bot.views.lists import case_line
from bot.views.texts import Look, esc, moment, moment_mrkdwn


def hand_over_message(card: HandOverCard, look: Look, *, mention: bool) -> Message:
    """Render a hand-over. `mention` calls the one who comes on duty, which the first post does where it may."""
    slack = card.after.slack if card.after and mention else None
    state = _state(card)
    return message(
        f"{f'<@{slack}> ' if slack else ''}{esc(f'Hand-over of {card.rotation}: {_whom(card)}. {state}', 600)}",
        header(f"Hand-over · {card.rotation}"),
        rich(
            section(*_who(card, slack, look)),
            section(words(state, bold=True)),
            *_cases(f"{card.new} new since ", card, card.newest, card.new, look),
            *_cases(f"{card.older} still open from before ", card, card.oldest, card.older, look),
            *_stuck(card),
        ),
        *_late(card, look),
        context(f"All of it: `/{look.prefix} cases`{', `handoff stuck list`' if card.stuck else ''}"),
    )


def _whom(card: HandOverCard) -> str:
    before, after = _name(card.before), _name(card.after)
    if card.after is None:
        return f"{before} hands over, and nobody is there to take it" if card.before else "nobody is on duty"
    if card.before is None or card.before == card.after:
        return f"{after} {'keeps' if card.before else 'has'} the duty"
    return f"{before} hands over to {after}"


def _who(card: HandOverCard, slack: str | None, look: Look) -> list[Part]:
    until = [words(" until "), moment(card.until, look)] if card.until and card.after else []
    if card.after is None or card.before == card.after:
        return [words(_whom(card), bold=True), *until]
    called = ping(slack) if slack else words(card.after.name, bold=True, limit=100)
    if card.before is None:
        return [called, words(" has the duty"), *until]
    return [words(card.before.name, limit=100), words(" hands over to "), called, *until]


def _state(card: HandOverCard) -> str:
    count = card.unclaimed + card.claimed
    stale = f", {card.stale} stale" if card.stale else ""
    stuck = f", {card.stuck} stuck" if card.stuck else ""
    waiting = f", {card.waiting} waiting for approval" if card.waiting else ""
    if not count:
        return f"No case is open{waiting}{stuck}"
    return f"{count} open: {card.unclaimed} unclaimed, {card.claimed} claimed{stale}{waiting}{stuck}"


def _cases(title: str, card: HandOverCard, rows: tuple[CaseRow, ...], count: int, look: Look) -> list[Block]:
    if not count:
        return []
    closed = f", {card.new_closed} of them closed" if rows is card.newest and card.new_closed else ""
    more = [[words(f"and {count - len(rows):,} more")]] if count > len(rows) else []
    return [
        section(words(title, bold=True), moment(card.since, look), *([words(closed, bold=True)] if closed else [])),
        bullets([*(case_line(row, look) for row in rows), *more]),
    ]


def _stuck(card: HandOverCard) -> list[Block]:
    if not card.stuck:
        return []
    lines: list[list[Part]] = [
        [words(f"{line.target}: ", bold=True, limit=100), words(line.reason, limit=200)] for line in card.stuck_first
    ]
    more = [[words(f"and {card.stuck - len(lines):,} more")]] if card.stuck > len(lines) else []
    return [section(words(f"🟠 {card.stuck} stuck in the failure queue", bold=True)), bullets([*lines, *more])]


def _late(card: HandOverCard, look: Look) -> list[Block]:
    if not card.late:
        return []
    return [context(f"This is late: the bot was down at {moment_mrkdwn(card.at, look)}")]


def _name(ref: PersonRef | None) -> str:
    return ref.name if ref else "nobody"
