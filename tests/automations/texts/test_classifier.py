"""What the classifier says of texts, whatever they are, and that it says the same again."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from automations.texts.classifier import Classifier, Guess
from tests.automations.texts.requests import STRANGE, TEXTS

NEW = {
    "refund the duplicate charge on the invoice": "billing",
    "the password reset does not work": "login",
    "CSV EXPORT IS BROKEN!!!": "export",
    "my parcl has not arived": "delivery",
    "please close our account": "cancel",
}


def test_new_words_of_known_requests_get_their_label(classifier: Classifier) -> None:
    guesses = dict(zip(NEW, classifier.guess(list(NEW)), strict=True))
    assert {text: guess.label for text, guess in guesses.items()} == NEW
    assert all(guess.sure(classifier.threshold) for guess in guesses.values())
    assert guesses["please close our account"].words[:2] == ("account", "close")


def test_what_is_none_of_it_is_left_undecided(classifier: Classifier) -> None:
    undecided = [guess for guess in classifier.guess(STRANGE) if not guess.sure(classifier.threshold)]
    assert len(undecided) >= 5


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\x00\x00", "\ud800\udfff", "🔥" * 50, "?!…", "не работает вход", "请退款", "a" * 100_000,
     "refund " * 20_000, "\x1b[31mred", "É" * 3_000, "ﷺ" * 4_000, "1" * 5_000],
)  # fmt: skip
def test_any_text_gets_a_guess(classifier: Classifier, text: str) -> None:
    (guess,) = classifier.guess([text])
    assert guess.label in classifier.labels
    assert guess.second in classifier.labels
    assert guess.label != guess.second
    assert 0 <= guess.second_confidence <= guess.confidence <= 1
    assert guess.confidence + guess.second_confidence <= 1 + 1e-9


def test_nothing_known_is_never_decided(classifier: Classifier) -> None:
    for guess in classifier.guess(["", "ψφ", "\ud800"]):
        assert guess.confidence == 0
        assert guess.words == ()
        assert not guess.sure(0)


def test_sure_is_at_or_above() -> None:
    guess = Guess("a", 0.5, "b", 0.2, ())
    assert guess.sure(0.5)
    assert not guess.sure(0.500001)


def test_company_and_threads_change_no_guess(classifier: Classifier) -> None:
    texts = [*TEXTS, *STRANGE, *NEW] * 4
    together = classifier.guess(texts)
    assert together == [guess for text in texts for guess in classifier.guess([text])]
    order = list(range(len(texts)))
    random.Random(7).shuffle(order)
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(order, pool.map(lambda row: classifier.guess([texts[row]])[0], order), strict=True))
    assert [found[row] for row in range(len(texts))] == together


def test_no_texts_no_guesses(classifier: Classifier) -> None:
    assert classifier.guess([]) == []
