"""The Home tab: made when it is opened, after each click in it, and by itself when something happened or ran out.

Who opened theirs within a day is remembered, so that a round every few seconds can show them what changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from automations.access.blocks import blocked
from automations.domain import Actor
from automations.errors import AdapterError, Unavailable
from automations.escalation.card import my_escalations
from automations.failure_tickets.card import my_cases, status
from automations.failure_tickets.covers import duty_lines
from automations.failure_tickets.journal import identity
from automations.failure_tickets.present import present
from bot.grammar import SupportVerb
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.home_clocks import clocks_for, turned
from bot.listeners.interaction import Interaction
from bot.listeners.stuck import stuck_rows
from bot.permission_matrix import MATRIX
from bot.permissions import Identity
from bot.stuck_shown import seen_by
from bot.views import Home
from bot.views.home import HOME_CASES, HOME_ESCALATIONS, HOME_STUCK, HomeCard, digest, home_closed, home_view
from bot.views.texts import Look
from storage import audit, stuck_lists
from storage.models import Case, HomeView
from storage.upsert import insert_into

log = structlog.get_logger(__name__)

ROW = "event app_home_opened"
KEEP: Final = timedelta(hours=24)
"""For how long after it was opened a tab is kept up to date."""
AT_ONCE: Final = 20
"""Tabs that one round publishes at most: Slack allows some 100 a minute."""

Publish = Callable[[str, Home], object]
"""Shows a Home tab to a Slack user. Raises AdapterError."""


def route(interaction: Interaction, _deps: Deps) -> Route | None:
    """Take the Home tab only; the Messages tab of the same event has nothing to show."""
    return Route(ROW, opened, refuse=closed) if interaction.value in ("", "home") else None


def opened(session: Session, turn: Turn) -> Answer:
    """Show the tab. It holds what `/support status` holds, so it needs the same role, and says so to others."""
    if why := _closed_to(turn.actor):
        return closed(why)
    made = home_of(session, turn.actor, turn.deps)
    _remember(session, turn, made.digest)
    return Answer("showed home", home=made.view)


def closed(why: str) -> Answer:
    """Show somebody without the role why there is nothing."""
    return Answer(f"showed home, closed: {why}", home=home_closed(why))


@dataclass(frozen=True, slots=True)
class Made:
    """A tab, and the digest of what it shows beside the time that is left."""

    view: Home
    digest: str


def home_of(session: Session, actor: Actor, deps: Deps) -> Made:
    """One person's tab as things are now."""
    ctx, email = deps.ctx, identity(actor)
    mine, others = clocks_for(session, email, deps.escalation)
    of_theirs = select(func.count()).where(Case.owner == email, Case.open_key.is_not(None))
    card = HomeCard(
        mine=tuple(my_cases(session, email, ctx, limit=HOME_CASES)),
        mine_in_all=session.scalar(of_theirs) or 0,
        stuck=tuple(stuck_rows(session, actor, deps, limit=HOME_STUCK)),
        status=replace(status(session, ctx), stuck=stuck_lists.count(session, seen=seen_by(session, actor, ctx))),
        duty=tuple(duty_lines(session, ctx)),
        escalations=tuple(my_escalations(session, email, deps.escalation, limit=HOME_ESCALATIONS)),
        my_clocks=mine,
        clocks=others,
    )
    return _made(card, email, ctx.clock.now(), deps.look)


def after_click(interaction: Interaction, deps: Deps) -> None:
    """Show the tab anew to somebody who pressed something in it. What cannot be shown now, the next round shows."""
    if interaction.view_type != "home":
        return
    try:
        now, who = _who(interaction.user, interaction.team, deps)
        view = None if who.why_not or _closed_to(who.actor) else _shown(who.actor, now).view
    except SQLAlchemyError as exc:
        log.warning("home.not_shown", error=type(exc).__name__)
        return
    if view is not None:
        deps.after.publish_home(interaction.user, view)


class Homes:
    """Keeps opened tabs up to date. `follow` is called every few seconds, by one thread."""

    def __init__(self) -> None:
        self._seen = -1
        self._until: datetime | None = None

    def follow(self, deps: Deps, publish: Publish) -> int:
        """Publish the tabs that show something else now; how many.

        Nothing is looked at while nothing happened and no clock began to warn or ran out.
        """
        now = deps.ctx.clock.now()
        with deps.database.read() as session:
            end = audit.head(session)
            head = end.seq if end else 0
            if head == self._seen and self._until is not None and not turned(session, self._until, now):
                self._until = now
                return 0
            since = now - KEEP
            kept = session.scalars(select(HomeView).where(HomeView.opened_at > since).order_by(HomeView.shown_at)).all()
        published, missed = 0, False
        for one in kept:
            if published == AT_ONCE:
                return published
            try:
                published += _follow(one, deps, publish)
            except AdapterError as exc:
                missed = True
                log.warning("home.not_published", user=one.user, error=str(exc))
        if not missed:
            self._seen, self._until = head, now
        return published


def _follow(kept: HomeView, deps: Deps, publish: Publish) -> bool:
    now, who = _who(kept.user, kept.team, deps)
    if who.unsure:  # the tab stays as it is: it would say that somebody may see nothing, until something else happens
        raise Unavailable(who.why_not, system="slack")
    why = who.why_not or _closed_to(who.actor)
    made = _shut(why) if why else _shown(who.actor, now)
    if made.digest == kept.digest or not _take(kept, made.digest, deps):
        return False
    try:
        publish(kept.user, made.view)
    except AdapterError:
        _take(HomeView(user=kept.user, digest=made.digest), "", deps)
        raise
    return True


def _take(kept: HomeView, made: str, deps: Deps) -> bool:
    """Note what is shown from now on; False if another process was first."""
    with deps.database.begin() as session:
        moved = (
            update(HomeView)
            .where(HomeView.user == kept.user, HomeView.digest == kept.digest)
            .values(digest=made, shown_at=deps.ctx.clock.now())
            .returning(HomeView.user)
        )
        return session.scalar(moved, execution_options={"synchronize_session": False}) is not None


def _made(card: HomeCard, email: str, now: datetime, look: Look) -> Made:
    """Time left alone is no news: it is left out of the digest, or every look would publish every tab."""
    still = home_view(card.standing_still(), email, now, look)
    return Made(home_view(card, email, now, look), digest(still))


def _shut(why: str) -> Made:
    view = home_closed(why)
    return Made(view, digest(view))


def _remember(session: Session, turn: Turn, shown: str) -> None:
    now = turn.deps.ctx.clock.now()
    seen = {"team": turn.interaction.team, "digest": shown, "opened_at": now, "shown_at": now}
    row = insert_into(session, HomeView).values(user=turn.interaction.user, **seen)
    session.execute(row.on_conflict_do_update(index_elements=["user"], set_=seen))


def _who(user: str, team: str, deps: Deps) -> tuple[Deps, Identity]:
    """Everything as it is now, and who somebody is. Slack may be asked that, so no transaction waits for it."""
    with deps.database.read() as session:
        ctx, gone = present(session, deps.ctx), blocked(session)
    now = replace(deps, ctx=ctx, permissions=deps.permissions.under(roster=ctx.roster))
    return now, now.permissions.identify(user, team).unless(gone)


def _shown(actor: Actor, deps: Deps) -> Made:
    with deps.database.read() as session:
        return home_of(session, actor, deps)


def _closed_to(actor: Actor) -> str:
    needed = MATRIX[f"command {SupportVerb.STATUS}"]
    if needed is None or actor.may(needed):
        return ""
    return f"Handoff shows cases to people with the role {needed}. An admin gives roles in the settings."
