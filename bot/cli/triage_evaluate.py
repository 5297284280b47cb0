"""`handoff triage evaluate`: rules and classifier against history, and whether that is enough for `auto`."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from automations.domain import Actor
from automations.errors import Refused
from automations.triage.asking import USUAL_DAYS
from automations.triage.bar import model_in_use
from automations.triage.card_types import EvaluationCard
from automations.triage.context import TriageContext
from automations.triage.evaluating import TRAIN_SHARE
from automations.triage.evaluations import evaluation_ref, keep
from automations.triage.history import History, history, of_the_desk
from automations.triage.measuring import desk_source, measure
from automations.triage.rules import TriageRules
from bot.cli.files import STDIN, bytes_written, read_bytes
from bot.cli.labelled_files import MAX_BYTES
from bot.cli.options import AsJson, config_of, opened, os_user
from bot.cli.output import as_json, note, progress, say, table
from bot.cli.table_records import Records, decoded, records_in
from bot.cli.triage_history import LABEL, QUEUE, TEXT, TITLE, examples_in
from bot.cli.watch_opened import triage_of
from bot.settings_file import configured
from bot.views.triage_evaluation import more_words, worst_first
from bot.views.triage_picture import evaluation_picture

SHOWN: Final = 12
LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Confidences of the curve that people are shown; `--json` and the picture hold all."""


@dataclass(frozen=True, slots=True)
class _Asked:
    file: str | None
    days: int
    share: float


def evaluate_file(
    ctx: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            help="CSV, TSV or JSON lines with text and label or queue; optional created_at, tier, channel, priority, "
            "first_queue, split. `-` is standard input; without FILE the desk's own solved tickets."
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="Without FILE: how many days back.", min=1)] = USUAL_DAYS,
    share: Annotated[
        float, typer.Option("--train-share", help="The earlier part that trains the classifier.", min=0.0, max=0.95)
    ] = TRAIN_SHARE,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the picture (PNG) there.")] = None,
    force: Annotated[bool, typer.Option(help="Write over a picture that is there.")] = False,
    json: AsJson = False,
) -> int:
    """Measure rules and classifier on history: the earlier part trains, the later part is judged.

    With a configuration the result is kept, and says whether the mode auto is allowed. Exit 2 if below the bar.
    """
    asked = _Asked(file, days, share)
    card = _kept(ctx, asked) if configured(config_of(ctx)) else _on_paper(asked)
    if picture is not None:
        bytes_written(picture, evaluation_picture(card), force=force)
    if json:
        as_json(_plain(card))
    else:
        _show(card)
        if picture is not None:
            note(f"The picture is in {picture}.")
    return 0 if card.passed else 2


def _kept(ctx: typer.Context, asked: _Asked) -> EvaluationCard:
    """Measure by the settings' rules, and keep it."""
    with opened(ctx, new=True) as here:
        context = triage_of(here)
        if asked.file is None:
            with here.database.read() as session:
                found, source = of_the_desk(session, context, asked.days), desk_source(context, asked.days)
        else:
            found, source = _from_file(asked.file, context.rules, context.zone)
        card = _measured(found, source, asked.share, context.clock.now())
        with here.database.begin() as session:
            actor = Actor(os_user(), os_user())
            number = keep(session, card, actor, _model(found, context, session), context)
        note(f"Kept as {evaluation_ref(number)}.")
        return card


def _model(found: History, context: TriageContext, session: Any) -> int | None:
    return None if found.own_labels else model_in_use(session, context)


def _on_paper(asked: _Asked) -> EvaluationCard:
    """Measure without any configuration: labels stand for queues of their own, and nothing is kept."""
    if asked.file is None:
        raise Refused("Without a configuration there is no desk to look at. Name a FILE, or use --config.")
    found, source = _from_file(asked.file, TriageRules(), "UTC")
    return _measured(found, source, asked.share, datetime.now(UTC))


def _from_file(file: str, rules: TriageRules, zone: str) -> tuple[History, str]:
    shown = "standard input" if file == STDIN else Path(file).name
    raw = read_bytes(file, limit=MAX_BYTES)
    read = records_in(decoded(raw)[0], shown, known={*TEXT, *TITLE, *LABEL, *QUEUE})
    with progress("Reading") as bar:
        found = history(examples_in(read, shown, zone, bar.at), rules)
    _say_what_is_odd(read, found)
    return found, f"{shown}, {len(read.records)} rows, sha256 {hashlib.sha256(raw).hexdigest()[:12]}"


def _say_what_is_odd(read: Records, found: History) -> None:
    if read.bad:
        first = read.bad[0]
        note(f"{len(read.bad)} rows were not read, the first on line {first.line}: {first.why}.")
    if found.own_labels:
        note("Most labels are none of [[triage.intents]], so each stands for a queue of its own and no rule is used.")
    if not found.dated and not any(one.part for one in found.examples):
        note("There is no column created_at, so the order of the file stands for time.")


def _measured(found: History, source: str, share: float, now: datetime) -> EvaluationCard:
    with progress("Training and judging") as bar:
        card, no_classifier = measure(found, source=source, now=now, share_of_training=share, on_progress=bar.at)
    if no_classifier:
        note(f"No classifier: {no_classifier}")
    return card


def _plain(card: EvaluationCard) -> dict[str, Any]:
    told = asdict(card)
    for name, value in told.items():
        if isinstance(value, datetime):
            told[name] = value.isoformat()
    return {name: value for name, value in told.items() if name != "id"}


def _show(card: EvaluationCard) -> None:
    precision = "none decided" if card.precision is None else f"{card.precision:.1%} of those right"
    say(f"{card.source}: trained on {card.trained_on}, judged {card.examples}.")
    say(f"{card.coverage:.1%} decided, {precision}; {card.accuracy:.1%} in all, with those rightly left to people.")
    for name, accuracy in card.baselines:
        say(f"Baseline {name}: {accuracy:.1%}.")
    table(
        ("Queue", "Belong", "Sent", "Right", "Precision", "Recall"),
        [
            (one.name, one.belong, one.sent, one.right, _share(one.precision), _share(one.recall))
            for one in worst_first(card.queues)[:SHOWN]
        ],
    )
    wrong = [(belongs, sent, n) for belongs, sent, n in card.confusion if belongs != sent][:SHOWN]
    if wrong:
        table(("Belonged to", "Was sent to", "Tickets"), wrong)
    points = [point for point in card.curve if any(abs(point[0] - level) < 1e-9 for level in LEVELS)]
    if points:
        table(
            ("Confidence asked for", "Decided", "Right of those"),
            [(f"{level:.2f}", f"{coverage:.1%}", f"{accuracy:.1%}") for level, coverage, accuracy in points],
        )
    for line in _more(card):
        say(line)


def _more(card: EvaluationCard) -> Iterator[str]:
    yield from more_words(card)
    if len(card.queues) > SHOWN:
        yield f"The {SHOWN} worst of {len(card.queues)} queues are shown; `--json` has all."
    yield from card.lint
    yield "The bar is reached." if card.passed else "Below the bar of [triage.bar], so no mode auto:"
    yield from (f"  {why}" for why in card.fails)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
