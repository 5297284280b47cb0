"""Training: from the team's examples to a classifier that knows how good it is and when to say nothing."""

from collections.abc import Callable, Sequence

import numpy as np

from automations.texts.abstaining import Curve, curve_of, sure_enough, sureness
from automations.texts.classifier import Classifier
from automations.texts.examples import Examples, examples_of, training_hash
from automations.texts.lines import fitted
from automations.texts.scores import ScoreCard, curve_at_levels, label_scores, point_at
from automations.texts.unseen import Ground, Unseen, effort_for, unseen
from automations.texts.vectors import blocks_of, example_vectors, learned


def _untold(done: int, total: int) -> None:
    """Take the place of a progress bar."""


def train(
    texts: Sequence[str], labels: Sequence[str], *, on_progress: Callable[[int, int], None] = _untold
) -> Classifier:
    """Train on texts and the labels that people gave them: nothing else is known to it, and chance has no part.

    A row labelled `oos`, `out_of_scope` or `none` is an example of what belongs to no label. `on_progress` is told how
    much of how much is done. Raises: Refused if there is too little to train on.
    """
    examples = examples_of(texts, labels)
    effort = effort_for(len(examples.texts))
    done, steps = 0, effort.fits + 2

    def told() -> None:
        nonlocal done
        done += 1
        on_progress(done, steps)

    ground = Ground(examples, told)
    told()
    answers = unseen(ground, effort)
    curve, threshold, scores = _learned_from(answers, examples)
    everything = np.arange(len(examples.texts))
    known = learned(ground.tallies, everything)
    rows = example_vectors(ground.tallies, everything, known)
    lines = fitted(rows, ground.of, ground.columns, answers.strictness)
    on_progress(steps, steps)
    return Classifier(
        examples.labels,
        blocks_of(ground.tallies, known),
        lines,
        curve,
        threshold,
        training_hash(texts, labels),
        len(examples.texts),
        scores,
    )


def _learned_from(answers: Unseen, examples: Examples) -> tuple[Curve, float, ScoreCard]:
    size, of = len(examples.labels), np.array(examples.of, dtype=np.int64)[answers.rows]
    inside = of < size
    sure, best = sureness(answers.scores, size), answers.scores[:, :size].argmax(axis=1)
    right = (best == of)[inside]
    outside, left_out = sure[~inside], sureness(answers.left_out, size)
    curve = curve_of(sure[inside], right)
    level = sure_enough(sure[inside], right, outside, left_out)
    threshold = float(curve.share(np.array([level], dtype=np.float32))[0])
    confidence = curve.share(sure[inside])
    each = label_scores(examples.labels, of[inside], best[inside])
    strangers = outside if len(outside) else left_out
    return (
        curve,
        threshold,
        ScoreCard(
            accuracy=float(right.mean()),
            macro_f1=float(np.mean([one.f1 for one in each])),
            labels=each,
            curve=curve_at_levels(confidence, right),
            decided=point_at(threshold, confidence, right),
            outside_left=float((strangers < level).mean()) if len(strangers) else None,
            outside_texts=len(strangers),
            outside_stood_in=not len(outside),
        ),
    )
