"""The Home tab of one person: what waits for them, their other cases, stuck work, how things stand.

Every case and every stuck item has its buttons beside it. All of it stays far below Slack's 100 blocks of a view.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from automations.domain import CaseStatus
from automations.escalation.card_types import ClockLine, EscalationRow
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.team_types import DutyLine, StatusSummary
from bot.views import Block, Home
from bot.views.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    home,
    overflow,
    rich,
    saying,
    section,
    words,
)
from bot.views.case_acts import BUTTONS, MORE
from bot.views.escalation_clocks import clock_list
from bot.views.escalation_lists import escalation_rows
from bot.views.lists import case_line
from bot.views.status import away_lines, counted, on_duty, pause_lines
from bot.views.stuck import StuckRow, stuck_lines
from bot.views.texts import Look, moment_mrkdwn
from bot.wire import ACT_NAMES, CASE_MORE, CaseAct, CaseButton

HOME_CASES = 16
"""Cases on the Home tab; two blocks each."""
HOME_STUCK = 8
"""Stuck items on the Home tab; two blocks each."""
HOME_ESCALATIONS = 8
"""Escalations on the Home tab; two blocks each."""
HOME_CLOCKS = 8
"""SLA clocks on the Home tab, of mine and of the team's each."""


@dataclass(frozen=True, slots=True)
class HomeCard:
    """What one person's Home tab shows. `mine` are the first of `mine_in_all` open cases, `stuck` the oldest items.

    `escalations` wait for this person or are theirs; `my_clocks` and `clocks` (of the team's other tickets) are the SLA
    clocks that run out next.
    """

    mine: tuple[CaseRow, ...]
    mine_in_all: int
    stuck: tuple[StuckRow, ...]
    status: StatusSummary
    duty: tuple[DutyLine, ...]
    escalations: tuple[EscalationRow, ...] = ()
    my_clocks: tuple[ClockLine, ...] = ()
    clocks: tuple[ClockLine, ...] = ()

    def standing_still(self) -> "HomeCard":
        """The same without how much time is left, only whether any is: else it would change with every look."""
        return replace(self, my_clocks=_still(self.my_clocks), clocks=_still(self.clocks))


def home_view(card: HomeCard, email: str, now: datetime, look: Look) -> Home:
    """Show it to the person with this address, who sees first what waits for them."""
    waiting = [row for row in card.mine if row.status is CaseStatus.OPEN or row.stale]
    others = [row for row in card.mine if row not in waiting]
    own = [row for row in card.stuck if row.owner.email == email]
    elsewhere = [row for row in card.stuck if row not in own]
    hidden = card.mine_in_all - len(card.mine)
    unseen = card.status.stuck - len(card.stuck)
    return home(
        header("Waiting for you"),
        *(_cases(waiting, look) + _stuck(own, look) or [rich(section(words("🟢 Nothing is waiting for you.")))]),
        *([header("My escalations"), *escalation_rows(card.escalations, look)] if card.escalations else []),
        *_clocks(card, look),
        *([header("Your other open cases"), *_cases(others, look)] if others else []),
        *([context(f"And {hidden} more: `/{look.prefix} mine`")] if hidden > 0 else []),
        *([divider(), header("Stuck work of others"), *_stuck(elsewhere, look)] if elsewhere else []),
        *([context(f"And {unseen} more stuck: `/{look.prefix}-stuck`")] if unseen > 0 else []),
        divider(),
        header("How things stand"),
        rich(
            *on_duty(card.duty, look),
            *pause_lines(card.status.pauses, look),
            *away_lines(card.status.away, look),
            section(words("Cases and automations", bold=True)),
            *counted(card.status, look),
        ),
        context(f"As of {moment_mrkdwn(now, look)} · follows by itself what happens"),
    )


def home_closed(why: str) -> Home:
    """Tell somebody without a role why there is nothing here."""
    return home(header("Handoff"), saying(why))


def digest(view: Home) -> str:
    """SHA-256 of what a tab shows, without its last line, which only says when."""
    return hashlib.sha256(json.dumps(view["blocks"][:-1], sort_keys=True).encode()).hexdigest()


def _clocks(card: HomeCard, look: Look) -> list[Block]:
    lists = [*clock_list("Mine", card.my_clocks, look), *clock_list("The team's next", card.clocks, look)]
    return [header("SLA clocks about to run out"), rich(*lists)] if lists else []


def _still(clocks: tuple[ClockLine, ...]) -> tuple[ClockLine, ...]:
    return tuple(replace(one, left_s=None if one.left_s is None else float(one.left_s > 0)) for one in clocks)


def _cases(rows: Sequence[CaseRow], look: Look) -> list[Block]:
    return [block for row in rows for block in (rich(section(*case_line(row, look))), _acts(row))]


def _acts(row: CaseRow) -> Block:
    """Lay out the likeliest act as a button, the others behind the menu."""
    first, *rest = BUTTONS[row.status]
    kept = [act for act in (*rest, *MORE[row.status]) if act is not CaseAct.ESCALATE or not row.escalated]
    style = "primary" if row.status is CaseStatus.OPEN else None
    made = [button(ACT_NAMES[first], first, CaseButton(row.id, first).encode(), style=style)]
    if kept:
        made.append(overflow(CASE_MORE, [(ACT_NAMES[act], CaseButton(row.id, act).encode()) for act in kept]))
    return actions(*made)


def _stuck(rows: Sequence[StuckRow], look: Look) -> list[Block]:
    return [block for row in rows for block in stuck_lines(row, look)]
