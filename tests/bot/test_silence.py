"""Silence counts from the first call without an answer, and ends with the first that has one."""

from bot.silence import Silence


def test_it_counts_from_the_first_call_that_came_to_nothing() -> None:
    at = [100.0]
    silence = Silence(lambda: at[0])
    assert silence.seconds == 0
    for _ in range(3):
        silence.answered(False)
        at[0] += 10
    assert silence.seconds == 30
    silence.answered(True)
    assert silence.seconds == 0
    at[0] += 10
    silence.answered(False)
    assert silence.seconds == 0
