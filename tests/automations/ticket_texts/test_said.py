"""What is kept of a ticket's words: cut, redacted, without quoted mail, and whose mood it is."""

import pytest

from automations.redact import MASK, Redactor
from automations.ticket_texts.said import LONGEST, LONGEST_SHOWN, SHOWN, Said, said
from tests.automations.mirror.histories import event
from tests.support import START

THEIRS = {"author": "Kari Nordmann", "author_email": "kari@customer.example"}
SECRET = "correct-horse-battery"
EDGES = ["", "\x00", "\ud800", "🔥" * 9_000, "> quoted", "--\nKari", "ALL CAPS", "Не работает вход", "`" * 9_000]


def test_opening_newest_words_and_the_last_three_messages_are_kept() -> None:
    events = [
        event(0, "customer", body="The export stops at 10 %.\n\nOn Mon, Bo wrote:\n> cancel it", **THEIRS),
        event(1, "internal", body="They pay late."),
        event(2, "public", body="Please try again."),
        event(3, "public", body="We will look.", automatic=True),
        event(4, "change"),
        event(5, "customer", body="This is terrible, I am furious!\n-- \nKari", **THEIRS),
    ]
    kept = said(events, START, Redactor())
    assert (kept.opening, kept.latest) == ("The export stops at 10 %.", "This is terrible, I am furious!")
    assert (kept.latest_at, kept.event_id, kept.customer_messages) == (events[-1].at, "5", 2)
    assert [(one["side"], one["author"]) for one in kept.last] == [
        ("agent", "Anna Berg"), ("bot", "Anna Berg"), ("customer", ""),
    ]  # fmt: skip
    assert len(kept.last) == SHOWN
    assert kept.language == "en"
    assert kept.tone < -0.5
    assert "furious" in kept.tone_words
    assert "pay late" not in repr(kept), "a note is for colleagues alone"


def test_what_an_agent_wrote_has_no_mood_and_is_no_opening_where_it_came_later() -> None:
    taken_by_phone = said([event(0, "public", body="Customer is furious on the phone.")], START, Redactor())
    assert (taken_by_phone.opening, taken_by_phone.tone) == ("Customer is furious on the phone.", 0.0)
    assert (taken_by_phone.customer_messages, taken_by_phone.language) == (0, "en")
    untold = said([event(9, "public", body="Please try again.")], START, Redactor())
    assert (untold.opening, untold.latest) == ("", "")
    after = said([event(9, "public", body="Try."), event(10, "customer", body="Still broken here", **THEIRS)], START,
                 Redactor())  # fmt: skip
    assert (after.opening, after.latest) == ("", "Still broken here")


def test_a_second_message_at_once_is_the_newest_and_a_lone_one_only_the_opening() -> None:
    alone = said([event(0, "customer", body="It is down")], START, Redactor())
    assert (alone.opening, alone.latest, alone.latest_at) == ("It is down", "", None)
    assert said([], START, Redactor()) == Said()


def test_secrets_go_before_anything_is_cut_and_long_texts_are_cut() -> None:
    around = "x" * (LONGEST_SHOWN - 8) + f" {SECRET} " + "word " * LONGEST
    events = [event(0, "customer", body=around), event(1, "public", author=SECRET, body=f"{SECRET} is yours")]
    kept = said(events, START, Redactor([SECRET]))
    assert SECRET[:4] not in repr(kept)
    assert MASK in kept.opening
    assert len(kept.opening) <= LONGEST
    assert [(len(one["text"]) <= LONGEST_SHOWN, one["cut"]) for one in kept.last] == [(True, True), (True, False)]


@pytest.mark.parametrize("body", EDGES)
def test_no_text_breaks_it(body: str) -> None:
    kept = said([event(0, "customer", body=body), event(1, "customer", body=body)], START, Redactor())
    assert kept.customer_messages == 2
    kept.opening.encode()
    kept.latest.encode()
