"""Training: from the team's examples to a classifier that knows how good it is and when to say nothing."""

from collections.abc import Callable, Sequence

import numpy as np

from automations.texts.abstaining import curve_of, sure_enough, sureness
from automations.texts.classifier import Classifier
from automations.texts.examples import Examples, examples_of, training_hash
from automations.texts.lines import fitted
from automations.texts.scores import ScoreCard, curve_at_levels, label_scores, point_at
from automations.texts.unseen import FITS, Ground, Unseen, unseen
from automations.texts.abstaining import Curve
from automations.texts.vectors import learned, vectors


def train(
    texts: Sequence[str], labels: Sequence[str], *, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> Classifier:
    """Train on texts and the labels that people gave them: nothing else is known to it, and chance has no part.

    A row labelled `oos`, `out_of_scope` or `none` is an example of what belongs to no label. `on_progress` is told how
    much of how much is done. Raises: Refused if there is too little to train on.
    """
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        on_progress(done, FITS + 2)

    examples = examples_of(texts, labels)
    ground = Ground(examples, told)
    told()
    answers = unseen(ground)
    curve, threshold, scores = _learned_from(answers, examples)
    everything = range(len(examples.texts))
    blocks = learned(ground.counts, everything)
    rows = vectors(ground.counts, everything, blocks)
    lines = fitted(rows, examples.of, ground.columns, answers.strictness)
    on_progress(FITS + 2, FITS + 2)
    return Classifier(
        examples.labels, blocks, lines, curve, threshold, training_hash(texts, labels), len(examples.texts), scores
    )


def _learned_from(answers: Unseen, examples: Examples) -> tuple[Curve, float, ScoreCard]:
    size, of = len(examples.labels), np.array(examples.of, dtype=np.int64)
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
