"""Similar tickets: what finds what, what never comes back, and laws that hold for any text."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.texts.similar import AT_MOST, SAME, Entry, Index

TRACE = """java.lang.IllegalStateException: the ledger is closed
    at com.acme.billing.LedgerWriter.append(LedgerWriter.java:{line})
    at com.acme.billing.InvoiceRun.close(InvoiceRun.java:88)
    at com.acme.jobs.Worker.run(Worker.java:12)"""

TICKETS = (
    Entry("1", "Cannot export the monthly invoice as PDF", "Pressing Export does nothing. The page stays as it is."),
    Entry("2", "Password reset mail never arrives", "Asked three times today, also looked into the spam folder."),
    Entry("3", "Closing the month fails", f"Since the update:\n{TRACE.format(line=41)}"),
    Entry("4", "App crashes when a photo is attached", "Happens on Android with pictures from the gallery."),
    Entry("5", "Two-factor codes are refused", "The code from the authenticator is said to be wrong."),
    Entry("6", "openFileDialog() shows no files", "After going to 3.11.2 the dialog stays empty."),
    Entry("7", "Rechnung kommt doppelt", "Wir haben im März zwei Rechnungen über denselben Betrag erhalten."),
    Entry("8", "請求書をダウンロードできません", "ボタンを押しても何も起こりません。"),
    Entry("9", "Upload of large files stops at 99 %", "Nginx answers 413, anything below 10 MB works."),
    Entry("10", "Wrong time zone in the weekly report", "Our team is in Lisbon, the mail says Berlin."),
)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.of(TICKETS)


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("PDF of an invoice is not exported", "", "1"),
        ("", "I never get the mail for resetting my password", "2"),
        ("Month end is broken", TRACE.format(line=977), "3"),
        ("aplication crashs with fotos", "attaching a picture", "4"),
        ("open_file_dialog is empty", "", "6"),
        ("Open.File.Dialog", "", "6"),
        ("Doppelte Rechnungen", "", "7"),
        ("請求書のダウンロード", "", "8"),
        ("<p>Error <b>413</b> for uploads &amp; large files</p>", "", "9"),
        ("ＷＥＥＫＬＹ ＲＥＰＯＲＴ", "", "10"),
    ],
)
def test_the_same_problem_in_other_words_is_found_first(index: Index, title: str, text: str, found: str) -> None:
    assert index.nearest(title, text)[0].id == found


def test_shared_words_are_told_as_the_asker_wrote_them(index: Index) -> None:
    near = index.nearest("Exporting invoices", "the monthly one", 1)[0]
    assert near.id == "1"
    assert set(near.words) == {"exporting", "invoices", "monthly"}


def test_what_shares_nothing_is_not_returned(index: Index) -> None:
    assert index.nearest("qwxz", "") == []
    assert index.nearest("", "") == []
    assert index.nearest("the and of", "in a to") == []


def test_a_ticket_finds_itself_as_the_same_and_any_other_as_less(index: Index) -> None:
    first, *others = index.nearest(TICKETS[2].title, TICKETS[2].text, len(TICKETS))
    assert (first.id, first.score) == ("3", SAME)
    assert all(other.score <= AT_MOST for other in others)


def test_ids_that_are_left_out_never_come_back(index: Index) -> None:
    found = index.nearest(TICKETS[0].title, TICKETS[0].text, 10, without=["1", "unknown"])
    assert "1" not in {near.id for near in found}


def test_chance_does_not_make_two_tickets_alike() -> None:
    noise = "2026-03-01T10:11:12Z 3f2b8c1e-0000-4a4a-8b8b-1234567890ab 0xdeadbeef 20260301101112 Order@1a2b3c4d"
    index = Index.of([Entry("printer", "Printer is offline", noise), Entry("login", "Login page is blank", "")])
    assert index.nearest("Blank login", noise)[0].id == "login"


def test_added_tickets_are_found_and_a_changed_one_only_by_its_new_text() -> None:
    index = Index.of(TICKETS)
    index.add([Entry("11", "Calendar shows no holidays"), Entry("2", "Webhook signature is refused", "status 401")])
    assert len(index) == len(TICKETS) + 1
    assert index.nearest("holidays in the calendar", "")[0].id == "11"
    assert index.nearest("refused webhook", "")[0].id == "2"
    assert "2" not in {near.id for near in index.nearest("Password reset mail never arrives", "", 10)}


def test_an_index_that_grew_from_nothing_is_the_same_as_one_made_at_once() -> None:
    grown = Index.of([])
    assert grown.nearest("anything", "") == []
    for ticket in TICKETS:
        grown.add([ticket])
    grown.add(Entry(f"more {number}", f"Something else {number}") for number in range(20))
    assert len(grown) == len(TICKETS) + 20
    assert [grown.nearest(ticket.title, ticket.text, 1)[0].id for ticket in TICKETS] == [t.id for t in TICKETS]


def test_adding_one_id_twice_at_once_keeps_the_last() -> None:
    index = Index.of(TICKETS)
    index.add([Entry("12", "first wording"), Entry("12", "second attempt")])
    assert [near.id for near in index.nearest("second attempt", "", 1)] == ["12"]
    assert "12" not in {near.id for near in index.nearest("wording", "")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\ud800 \udfff",
        "😀💥🔥",
        "مشكلة في تسجيل الدخول",
        "ошибка входа",
        "เข้าสู่ระบบไม่ได้",
        "<" * 5_000,
        "at " * 5_000,
        "a" * 100_000,
        "(((((" * 5_000 + "&amp" * 5_000,
        "x." * 20_000,
        "0:0:" * 20_000,
        "INFO worker 7 done\n" * 6_000 + "ERROR disk quota exceeded on volume seven",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_any_text_is_read_and_found_again(text: str) -> None:
    index = Index.of([*TICKETS, Entry("it", text, text)])
    found = index.nearest(text, text, 3)
    assert not found or (found[0].id, found[0].score) == ("it", SAME)


def test_the_end_of_a_long_log_counts() -> None:
    log = "INFO worker 7 has done its round\n" * 4_000
    index = Index.of([*TICKETS, Entry("log", "Nightly job", f"{log}ERROR disk quota exceeded on volume seven")])
    assert index.nearest("disk quota exceeded", "", 1)[0].id == "log"


WORDS = st.lists(
    st.sampled_from(("invoice", "mail", "crash", "openFile", "e_1042", "café", "請求書", "3.2.1", "NullPointer", "😀"))
)
ENTRIES = st.lists(
    st.builds(Entry, st.sampled_from([f"t{number}" for number in range(12)]), WORDS.map(" ".join), WORDS.map(" ".join)),
    min_size=1,
    max_size=12,
    unique_by=lambda entry: entry.id,
)


@settings(max_examples=25, deadline=None)
@given(ENTRIES, st.randoms(use_true_random=False))
def test_laws(entries: list[Entry], chance: random.Random) -> None:
    """Scores fall and stay within 0 to 1, no ticket twice; the order of entries is of no matter; itself is the same."""
    index = Index.of(entries)
    shuffled = list(entries)
    chance.shuffle(shuffled)
    other = Index.of(shuffled)
    for entry in entries:
        found = index.nearest(entry.title, entry.text, 20)
        assert [near.score for near in found] == sorted((near.score for near in found), reverse=True)
        assert all(0 < near.score <= 1 for near in found)
        assert len({near.id for near in found}) == len(found)
        assert [near.id for near in found] == [near.id for near in other.nearest(entry.title, entry.text, 20)]
        assert not found or entry.id in {near.id for near in found if near.score == SAME}
        assert index.nearest(entry.title, entry.text, 2) == found[:2]
        assert entry.id not in {near.id for near in index.nearest(entry.title, entry.text, 20, without={entry.id})}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_breaks_it(title: str, text: str) -> None:
    index = Index.of([Entry("a", title, text), Entry("b", text, title)])
    assert all(near.id in {"a", "b"} for near in index.nearest(title, text))
