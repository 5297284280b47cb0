"""A classifier written and read guesses the same; anything else is told from it."""

import io
import json
import pickle
import zipfile
from dataclasses import asdict

import numpy as np
import pytest

from automations.errors import Refused
from automations.texts.classifier import Classifier
from automations.texts.model_file import dump, load
from automations.texts.training import train
from tests.automations.texts.requests import LABELS, STRANGE, TEXTS


def changed(body: bytes, **words: object) -> bytes:
    """The same model with other words in it."""
    with np.load(io.BytesIO(body)) as arrays:
        parts = dict(arrays)
    told = json.loads(parts["words"].tobytes()) | words
    parts["words"] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, **parts)
    return file.getvalue()


def test_what_is_read_guesses_as_what_was_written(classifier: Classifier) -> None:
    body = dump(classifier)
    again = load(body)
    assert again.guess(TEXTS + STRANGE) == classifier.guess(TEXTS + STRANGE)
    assert dump(again) == body
    assert again.scores == classifier.scores
    assert (again.threshold, again.training_hash) == (classifier.threshold, classifier.training_hash)
    assert len(body) < 200_000


def test_labels_may_hold_anything() -> None:
    names = {
        "billing": 'Money, "and" bills\nsecond line',
        "login": "ログイン;|",
        "export": " e ",
        "delivery": "None of it",
    }
    labels = [names.get(label, label) for label in LABELS]
    again = load(dump(train(TEXTS, labels)))
    assert set(again.labels) == set(labels)


@pytest.mark.parametrize("cut", [0, 1, 3, 100, 5_000, -1, -30])
def test_damage_is_told(classifier: Classifier, cut: int) -> None:
    with pytest.raises(Refused, match=r"is damaged. Train it again"):
        load(dump(classifier)[:cut])


def test_a_flipped_byte_is_told_or_harmless(classifier: Classifier) -> None:
    body = dump(classifier)
    for place in range(7, len(body), len(body) // 60):
        spoiled = bytearray(body)
        spoiled[place] ^= 0xFF
        try:
            read = load(bytes(spoiled))
        except Refused:
            continue
        assert read.guess(TEXTS) == classifier.guess(TEXTS)


def test_foreign_files_are_told(classifier: Classifier) -> None:
    foreign = io.BytesIO()
    with zipfile.ZipFile(foreign, "w") as packed:
        packed.writestr("hello.txt", "hello")
    objects = io.BytesIO()
    np.savez(objects, words=np.array([{"a": 1}], dtype=object))
    body = dump(classifier)
    for other in (
        b"text,label\na,b\n",
        pickle.dumps(asdict(classifier.curve)),
        foreign.getvalue(),
        objects.getvalue(),
        changed(body, format="something else"),
        changed(body, labels=["one"]),
        changed(body, names=[["a"], [], []]),
        changed(body, curve={"steep": 1}),
    ):
        with pytest.raises(Refused, match="no model of Handoff's classifier"):
            load(other)


def test_another_version_is_named(classifier: Classifier) -> None:
    with pytest.raises(Refused, match=r"of version 2, and this program reads version 1. Train it again"):
        load(changed(dump(classifier), version=2))
