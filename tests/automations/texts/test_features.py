"""What is seen of a text, and how it becomes numbers."""

from threading import Thread

import numpy as np
import pytest

from automations.texts.features import MAX_CHARACTERS, letter_features, pair_features, plain, stem, word_features, words
from automations.texts.vectors import Learned, blocks_of, example_vectors, learned, tallies, vectors
from tests.automations.texts.requests import TEXTS


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("WHAT'S up,\n you CAN’T", "what is up, you can not"),
        ("I won't; they'd, we've, I'm, it isn't", "i will not; they would, we have, i am, it is not"),
        ("error 502 on account 123456789", "error 502 on account 00000"),
        ("a\x00b\ud800c\x1b[2J", "a b c [2j"),
        ("ﬁle № １２", "file no 12"),
        ("", ""),
    ],
)
def test_plain_text(text: str, seen: str) -> None:
    assert plain(text) == seen


def test_only_the_top_of_a_text_is_read() -> None:
    assert plain("x" * MAX_CHARACTERS + " secret") == "x" * MAX_CHARACTERS


def test_features_are_words_stems_neighbours_pairs_and_letters() -> None:
    found = words("cancel my orders!")
    assert found == ["cancel", "my", "orders", "!"]
    names = dict(word_features(found))
    assert {"worders", "sorder", "bcancel my", "b^ cancel", "b! $"} <= names.keys()
    assert names["bcancel my"] == ("cancel", "my")
    assert dict(pair_features(found))["pmy order"] == ("my", "orders")
    assert {"c ca", "cncel", "ccel "} <= set(letter_features(found))
    assert list(word_features([])) == [("b^ $", ())]
    assert list(letter_features(["!"])) == ["c !", "c! ", "c ! "]


def test_pairs_know_no_order() -> None:
    there, back = (dict(pair_features(words(text))).keys() for text in ("card lost", "lost card"))
    assert there == back == {"pcard lost"}


def test_threads_stem_alike() -> None:
    wanted = {word: stem(word) for word in ("cancelling", "invoices", "deliveries")}
    stem.cache_clear()
    found: list[dict[str, str]] = []
    threads = [Thread(target=lambda: found.append({word: stem(word) for word in wanted})) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 8


def test_a_text_becomes_the_same_numbers_in_training_and_later() -> None:
    among = tallies(TEXTS)
    rows = np.arange(0, len(TEXTS), 2)
    known: tuple[Learned, ...] = learned(among, rows)
    others = np.arange(1, len(TEXTS), 2)
    then = example_vectors(among, others, known)
    later = vectors([TEXTS[row] for row in others], blocks_of(among, known))
    assert then.shape == later.shape
    assert then.toarray() == pytest.approx(later.toarray())


def test_each_block_has_its_length_and_nothing_known_is_nothing() -> None:
    among = tallies(TEXTS)
    known = learned(among, np.arange(len(TEXTS)))
    blocks = blocks_of(among, known)
    rows = vectors(["please refund the last payment", "", "ψφ"], blocks)
    assert rows.dtype == np.float32
    assert rows[0].multiply(rows[0]).sum() == pytest.approx(sum(block.weight**2 for block in blocks), rel=1e-5)
    assert rows[1].nnz == 0
    assert rows[2].nnz == 0
