"""What is enough to train on, and the hash that names a training set."""

from itertools import permutations

import pytest

from automations.errors import Refused
from automations.texts.examples import examples_of, is_outside, training_hash

ROWS = [("pay", "a"), ("paid", "a"), ("bill", "a"), ("login", "b"), ("log in", "b"), ("sign in", "b")]


def test_the_order_of_rows_changes_nothing() -> None:
    for rows in list(permutations(ROWS))[::97]:
        texts, labels = [text for text, _ in rows], [label for _, label in rows]
        assert examples_of(texts, labels) == examples_of([text for text, _ in ROWS], [label for _, label in ROWS])
        assert training_hash(texts, labels) == training_hash([text for text, _ in ROWS], [label for _, label in ROWS])


def test_the_hash_is_of_texts_with_their_labels() -> None:
    made = {
        training_hash(["a", "b"], ["x", "y"]),
        training_hash(["a", "b"], ["y", "x"]),
        training_hash(["a", "b"], ["x", "x"]),
        training_hash(["a", "a", "b"], ["x", "x", "y"]),
        training_hash(["a\nb"], ["x"]),
        training_hash(["\ud800"], ["x"]),
    }
    assert len(made) == 6
    assert {len(each) for each in made} == {64}


@pytest.mark.parametrize("label", ["oos", "OOS", "out_of_scope", "Out-of-Scope", " none ", "None"])
def test_what_belongs_to_no_label_is_no_label(label: str) -> None:
    assert is_outside(label)
    found = examples_of([text for text, _ in ROWS] + ["weather"], [name for _, name in ROWS] + [label])
    assert found.labels == ("a", "b")
    assert [found.texts[row] for row, of in enumerate(found.of) if of == found.outside] == ["weather"]


def test_too_little_names_what_is_missing() -> None:
    with pytest.raises(Refused, match=r"only 'a' in 3 rows. At least 2 labels"):
        examples_of(["x", "y", "z"], ["a", "a", "a"])
    with pytest.raises(Refused, match="no label in 1 rows"):
        examples_of(["x"], ["oos"])
    with pytest.raises(Refused, match="no label in 0 rows"):
        examples_of([], [])
    with pytest.raises(Refused, match=r"at least 3 readable examples .* fewer of 'b' \(2\), 'c' \(1\)\. Add"):
        examples_of(["1", "2", "3", "4", "5", "\x00 \ud800", "6"], ["a", "a", "a", "b", "b", "b", "c"])
