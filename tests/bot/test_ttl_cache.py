"""Answers kept for a while, and no longer."""

import pytest

from bot import ttl_cache
from bot.ttl_cache import TtlCache


class Seconds:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_an_answer_is_kept_for_its_time_and_asked_again_after_it() -> None:
    seconds, asked = Seconds(), list[int]()
    cache: TtlCache[int] = TtlCache(60.0, seconds)

    def ask() -> int:
        asked.append(1)
        return len(asked)

    assert [cache.get("a", ask), cache.get("a", ask), cache.get("b", ask)] == [1, 1, 2]
    seconds.at = 59.9
    assert cache.get("a", ask) == 1
    seconds.at = 60.0
    assert cache.get("a", ask) == 3


def test_the_age_counts_from_before_the_question() -> None:
    seconds = Seconds()
    cache: TtlCache[str] = TtlCache(60.0, seconds)

    def slow() -> str:
        seconds.at += 50
        return "old"

    cache.get("a", slow)
    seconds.at += 10
    assert cache.get("a", lambda: "new") == "new"


def test_errors_are_not_kept() -> None:
    cache: TtlCache[int] = TtlCache(60.0, Seconds())

    def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get("a", fail)
    assert cache.get("a", lambda: 1) == 1


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttl_cache, "MOST", 3)
    cache: TtlCache[int] = TtlCache(60.0, Seconds())
    for number in range(10):
        cache.get(str(number), lambda number=number: number)  # type: ignore[misc]  # a default binds the loop's value
    assert len(cache._kept) <= 3
