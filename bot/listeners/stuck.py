"""Stuck work in Slack: `/support-stuck` lists it; its buttons have it tried again, corrected, or given up.

What one cause did to many stands as one, with buttons for all of it; each item is still asked for its own rights.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from bot import stuck_acts, stuck_edits, stuck_many, stuck_shown
from bot.grammar import MAX_PAGE, UsageError, plain
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.lists import sentence
from bot.views.stuck import PAGE, StuckRow, stuck_list
from bot.views.stuck_forms import EditShown, cause_screen, discard_all_form, discard_form, edit_form, tried_screen
from bot.wire import FIELD_REASON, WireError
from bot.wire_stuck import FIELD_NEW, OF_MANY, CauseButton, StuckAct, StuckButton

COMMAND = "command stuck"
TRIED_SHOWN = 30
EACH_SHOWN = 7


def route_list(interaction: Interaction, _deps: Deps) -> Route:
    """`/support-stuck`, alone or with the number of a page. Raises: UsageError."""
    page = _page(interaction.value)

    def run(session: Session, turn: Turn) -> Answer:
        return show(session, turn, page=page)

    return Route(COMMAND, run)


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Route a button by what it carries. Raises: WireError."""
    asked, target = _read(interaction)
    return Route(f"action {asked.act}", PRESSED[asked.act], target=target)


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Route a form. Raises: WireError."""
    asked, target = _read(interaction)
    if (run := SENT.get(asked.act)) is None:
        raise WireError("This form was made by another version of Handoff. Nothing was changed.")
    return Route(f"form {asked.act}", run, target=target)


def show(session: Session, turn: Turn, *, page: int = 1) -> Answer:
    """List what is stuck."""
    found = stuck_shown.shown(session, turn.actor, turn.deps.ctx, limit=PAGE, page=page)
    listed = stuck_list(found.rows, found.total, turn.deps.look, causes=found.causes, page=page, singles=found.singles)
    return Answer(f"showed stuck, page {page}", message=listed)


def retry(session: Session, turn: Turn) -> Answer:
    """Try again at once."""
    item = stuck_acts.retry(session, _one(turn).item_id, turn.actor, turn.deps.ctx)
    words = f"{item.target}: it is tried again now."
    return Answer(words, message=sentence(words))


def ask_why(session: Session, turn: Turn) -> Answer:
    """Ask why it is given up."""
    asked, ctx = _one(turn), turn.deps.ctx
    item = stuck_acts.opened(session, asked.item_id, turn.actor, ctx)
    row = stuck_shown.row(session, item, turn.actor, ctx)
    return Answer(f"opened the form of {asked.act}", modal=discard_form(row))


def discard(session: Session, turn: Turn) -> Answer:
    """Give it up for the reason given."""
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    item = stuck_acts.discard(session, _one(turn).item_id, turn.actor, reason, turn.deps.ctx)
    return Answer(f"{item.target}: given up.")


def ask_what(session: Session, turn: Turn) -> Answer:
    """Show the present value of what can be corrected."""
    asked, ctx = _one(turn), turn.deps.ctx
    item = stuck_acts.opened(session, asked.item_id, turn.actor, ctx)
    edit = stuck_edits.edit_of(session, item, _channels(turn))
    row = stuck_shown.row(session, item, turn.actor, ctx)
    form = edit_form(row, EditShown(edit.label, edit.present, edit.hint, edit.choices))
    return Answer(f"opened the form of {asked.act}", modal=form)


def edit(session: Session, turn: Turn) -> Answer:
    """Correct it and try again."""
    value = turn.interaction.fields.get(FIELD_NEW, "")
    item = stuck_acts.edit(session, _one(turn).item_id, turn.actor, value, turn.deps.ctx, _channels(turn))
    return Answer(f"{item.target}: corrected, and tried again now.")


def show_tried(session: Session, turn: Turn) -> Answer:
    """Show each time it was given up."""
    asked, ctx = _one(turn), turn.deps.ctx
    item = stuck_acts.seen(session, asked.item_id)
    if not stuck_shown.may_see(session, item, turn.actor, ctx):
        raise stuck_acts.not_there(asked.item_id)
    row = stuck_shown.row(session, item, turn.actor, ctx, tries=TRIED_SHOWN)
    return Answer(f"showed what was tried of {asked.item_id}", modal=tried_screen(row, turn.deps.look))


def retry_all(session: Session, turn: Turn) -> Answer:
    """Try all of a cause again that is theirs to settle."""
    asked = _many(turn)
    done = stuck_many.retry_all(session, asked.cause, asked.upto, turn.actor, turn.deps.ctx)
    return Answer(done.text, message=sentence(done.text))


def ask_why_all(session: Session, turn: Turn) -> Answer:
    """Ask why all of a cause is given up."""
    asked, ctx = _many(turn), turn.deps.ctx
    found = stuck_shown.of_cause(session, asked.cause, asked.upto, turn.actor, ctx, limit=stuck_many.LOOKED_AT)
    mine = [item for item in found if stuck_shown.may_settle(session, item, turn.actor, ctx)]
    if not mine:
        raise Refused("None of these is yours to give up, or somebody was first. Nothing was changed.")
    form = discard_all_form(asked, mine[0].reason, len(mine), len(found) - len(mine))
    return Answer(f"opened the form of {asked.act}", modal=form)


def discard_all(session: Session, turn: Turn) -> Answer:
    """Give all of a cause up that is theirs to settle, for the reason given."""
    asked, reason = _many(turn), turn.interaction.fields.get(FIELD_REASON, "")
    done = stuck_many.discard_all(session, asked.cause, asked.upto, turn.actor, reason, turn.deps.ctx)
    return Answer(done.text)


def show_each(session: Session, turn: Turn) -> Answer:
    """Show each item of a cause with its own buttons."""
    asked, ctx = _many(turn), turn.deps.ctx
    found = stuck_shown.of_cause(session, asked.cause, asked.upto, turn.actor, ctx, limit=stuck_many.LOOKED_AT)
    if not found:
        raise Refused("None of these is stuck any more.")
    rows = [stuck_shown.row(session, item, turn.actor, ctx, tries=1) for item in found[:EACH_SHOWN]]
    return Answer("showed each of a cause", modal=cause_screen(rows, len(found), turn.deps.look))


def stuck_rows(session: Session, actor: Actor, deps: Deps, *, limit: int) -> list[StuckRow]:
    """What is stuck, oldest first, as this person may see it: of runs nothing that is not for them to decide."""
    return stuck_shown.rows(session, actor, deps.ctx, limit=limit)


PRESSED: dict[StuckAct, Run] = {
    StuckAct.RETRY: retry,
    StuckAct.EDIT: ask_what,
    StuckAct.DISCARD: ask_why,
    StuckAct.SHOW: show_tried,
    StuckAct.RETRY_ALL: retry_all,
    StuckAct.DISCARD_ALL: ask_why_all,
    StuckAct.SHOW_ALL: show_each,
}
"""What each button does."""

SENT: dict[StuckAct, Callable[[Session, Turn], Answer]] = {
    StuckAct.EDIT: edit,
    StuckAct.DISCARD: discard,
    StuckAct.DISCARD_ALL: discard_all,
}
"""What sending each form does."""


def _one(turn: Turn) -> StuckButton:
    return StuckButton.decode(turn.interaction.value)


def _many(turn: Turn) -> CauseButton:
    return CauseButton.decode(turn.interaction.value)


def _channels(turn: Turn) -> dict[str, str]:
    return dict(turn.deps.channels)


def _page(text: str) -> int:
    word = plain(text)
    if not word:
        return 1
    if word.isascii() and word.isdecimal() and 1 <= int(word[:6]) <= MAX_PAGE:
        return int(word[:6])
    raise UsageError(f"After this comes a page number or nothing; I did not understand “{word[:40]}”.")


def _read(interaction: Interaction) -> tuple[StuckButton | CauseButton, str]:
    many = interaction.name in {str(act) for act in OF_MANY}
    asked = CauseButton.decode(interaction.value) if many else StuckButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked, f"stuck/{asked.item_id}" if isinstance(asked, StuckButton) else f"stuck/{asked.cause}"
