"""The lexicon holds no word twice with two meanings, and nothing outside of VADER's scale."""

from automations.texts import feelings


def test_weights_stay_on_the_scale() -> None:
    weights = {*feelings.WORDS.values(), *feelings.PHRASES.values(), *feelings.EMOJI.values()}
    assert -4 <= min(weights) < 0 < max(weights) <= 4


def test_words_and_phrases_are_written_as_they_are_looked_up() -> None:
    for word in (*feelings.WORDS, *feelings.TECHNICAL, *feelings.PHRASES, *feelings.TECHNICAL_PHRASES):
        assert word == word.lower().strip("_")
        assert "’" not in word
    assert not set(feelings.PHRASES) & feelings.TECHNICAL_PHRASES


def test_what_is_technical_is_felt_only_where_people_say_so() -> None:
    """These few are insults in a message and terms in a log; phrases such as "garbage collection" tell them apart."""
    both = set(feelings.WORDS) & feelings.TECHNICAL
    assert both == {"garbage", "struggle", "weird", "mess", "lack", "missing", "wrong", "exhausted"}
