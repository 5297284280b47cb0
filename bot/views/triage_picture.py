"""The picture of an evaluation: how much is decided and how rightly at each confidence, and what was sent where."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

from automations.triage.card_types import EvaluationCard
from bot.views.texts import clip, one_line

SHOWN: Final = 10
"""Queues in the table of what was sent where; those with fewest tickets are put together."""
REST: Final = "others"
NOT_DECIDED: Final = "not decided"


def evaluation_picture(card: EvaluationCard) -> bytes:
    """Draw the picture as PNG, 1,600 by 2,000 pixels; equal cards give equal bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # it takes a second to import: only whoever draws pays
    from matplotlib.figure import Figure

    from bot.views.chart_look import DPI, DRAWING, HEIGHT, PAPER, RULE, WIDTH

    with DRAWING:
        made = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER, edgecolor=RULE, linewidth=2)
        canvas = FigureCanvasAgg(made)
        _around(made, card)
        _curve(made.add_axes((0.115, 0.58, 0.835, 0.27)), card)
        _table(made.add_axes((0.3, 0.085, 0.66, 0.33)), card)
        picture = BytesIO()
        canvas.print_png(picture, metadata={"Software": None})  # type: ignore[no-untyped-call]  # its stubs lack it
        return picture.getvalue()


def _around(made: Any, card: EvaluationCard) -> None:
    from bot.views.chart_look import FAINT, GREEN, HEADING, TEXT, TITLE, VERMILION, drawable, written

    verdict = "reaches the bar" if card.passed else "is below the bar"
    right = "none decided" if card.precision is None else f"{card.precision:.1%} of those right"
    model = one_line(card.model or "none", 50)
    lines = (
        (0.985, f"Triage on history {verdict}", written(TITLE, bold=True, color=GREEN if card.passed else VERMILION)),
        (0.95, f"{card.examples} tickets · {card.coverage:.1%} decided · {right}", written(TEXT)),
        (0.925, one_line(card.source, 80), written(TEXT, color=FAINT)),
        (0.893, "Decided (solid) and right of the decided (dashed)", written(HEADING, bold=True)),
        (0.49, "Where tickets belonged (rows) and were sent (columns)", written(HEADING, bold=True)),
        (0.03, f"Rules {card.rules_version} · classifier {model}", written(TEXT, color=FAINT)),
    )  # fmt: skip
    for top, said, look in lines:
        made.text(0.035, top, drawable(said), va="top", **look)


def _curve(axes: Any, card: EvaluationCard) -> None:
    from bot.views.chart_look import BLUE, FAINT, RULE, TEXT, VERMILION, written

    levels = [level for level, _, _ in card.curve]
    for shares, color, style in (
        ([coverage for _, coverage, _ in card.curve], BLUE, "-"),
        ([accuracy for _, _, accuracy in card.curve], VERMILION, "--"),
    ):
        axes.plot(levels, shares, color=color, linestyle=style, linewidth=3)
    for name, accuracy in card.baselines:
        axes.axhline(accuracy, color=FAINT, linewidth=1.5, linestyle=":" if name == "majority" else "-.")
        said = f"{name} {accuracy:.0%}"
        axes.text(0.99, accuracy + 0.01, said, ha="right", va="bottom", **written(TEXT - 2, color=FAINT))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.03)
    axes.grid(color=RULE)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"], **written(TEXT - 2))
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"], **written(TEXT - 2))
    axes.set_xlabel("confidence that is asked for", **written(TEXT - 2, color=FAINT))


def _table(axes: Any, card: EvaluationCard) -> None:
    from bot.views.chart_look import INK, PAPER, TEXT, drawable, written

    rows, columns, counts = confusion_table(card)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(rows), 0)
    size = TEXT - 2 if max(len(rows), len(columns)) <= 6 else TEXT - 5
    for row, belongs in enumerate(rows):
        total = sum(counts.get((belongs, column), 0) for column in columns)
        for place, sent in enumerate(columns):
            n = counts.get((belongs, sent), 0)
            shade = n / total if total else 0.0
            hue = "#009e73" if sent == belongs else "#595959" if sent == NOT_DECIDED else "#d55e00"
            axes.fill_between((place, place + 1), row, row + 1, color=hue, alpha=0.85 * shade, linewidth=0)
            if n:
                color = PAPER if shade > 0.6 else INK
                axes.text(place + 0.5, row + 0.5, str(n), ha="center", va="center", **written(size, color=color))
    names = [drawable(f"{clip(one_line(name, 40), 16)}  {number}") for number, name in enumerate(rows, 1)]
    axes.set_yticks([row + 0.5 for row in range(len(rows))], names, **written(size))
    heads = [str(number) for number in range(1, len(columns))]
    axes.set_xticks([place + 0.5 for place in range(len(columns))], [*heads, "not\ndecided"], **written(size))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def confusion_table(card: EvaluationCard) -> tuple[Sequence[str], Sequence[str], Mapping[tuple[str, str], int]]:
    """Rows, columns and counts of the table: the largest queues by name, then the others, then what was not decided."""
    sizes: dict[str, int] = {}
    for belongs, sent, n in card.confusion:
        for name in {belongs, sent} - {NOT_DECIDED}:
            sizes[name] = sizes.get(name, 0) + n
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:SHOWN]

    def shown(name: str) -> str:
        return name if name in largest or name == NOT_DECIDED else REST

    counts: dict[tuple[str, str], int] = {}
    for belongs, sent, n in card.confusion:
        pair = shown(belongs), shown(sent)
        counts[pair] = counts.get(pair, 0) + n
    last = [REST] if len(sizes) > SHOWN else []
    rows = [*largest, *last]
    return rows, [*rows, NOT_DECIDED], counts
