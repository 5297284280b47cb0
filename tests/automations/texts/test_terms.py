"""What a ticket's tokens stand for: stems, names of code, and what is left out because it is chance."""

import pytest

from automations.texts.noise import FRAMES, without_noise
from automations.texts.terms import LONGEST, MOST, pieces, read, tokens_of


def stems(text: str) -> list[str]:
    return [stem for token in tokens_of(text).all for stem in read(token).stems]


def names(text: str) -> list[str]:
    return [name for token in tokens_of(text).all for name in read(token).names]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("openFileDialog open_file_dialog open.file.dialog", ["open", "file", "dialog"] * 3),
        ("HTTPServerError", ["http", "server", "error"]),
        ("I can't, it doesn’t, and won't crash", ["crash"]),
        ("version 3.11.2 of v2.0-rc1", ["version", "3.11.2", "v2.0-rc1"]),
        ("Café CAFÉ ｃａｆｅ", ["cafe", "cafe", "cafe"]),
        ("請求書", ["請求", "求書"]),
        ("error 42 in 12345678", ["error", "42"]),
        ("2026-03-01 2026-03-01T10:11:12Z 10:11:12.5 01/02/2026", []),
        ("3f2b8c1e-0000-4a4a-8b8b-1234567890ab 9fceb02d0ae598e9 0xdeadbee1f", []),
        ("x" * (LONGEST + 1), []),
        ("<p>List&lt;Invoice&gt;<br/>paid</p>", ["list", "invoic", "paid"]),
        ("User-Agent: Mozilla/5.0 (X11; U) Gecko/20060909\nblank", ["blank"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert stems(text) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("openFileDialog", ["openfiledialog"]),
        ("java.lang.NullPointerException", ["java.lang.nullpointerexception", "nullpointerexception"]),
        ("/usr/lib/ledger/run_month.py", ["run_month.py"]),
        ("0x80070005 ORA-00942", ["0x80070005", "ora-00942"]),
        ("Order@1a2b3c4d", []),
        ("plain words", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_a_trace_is_its_functions_without_packages_and_lines() -> None:
    text = (
        "It fails:\n  at com.acme.Ledger.append(Ledger.java:4)\n\tat async close (run.js:1:2)\n"
        '  File "/srv/app/month.py", line 3, in close_month\n#4 0x00ff in ledger::flush (this=0x1)\n'
        "at least (I think) it did yesterday"
    )
    plain, frames = without_noise(text)
    assert frames == ("Ledger.append", "close", "month.py:close_month", "ledger::flush")
    assert "com.acme" not in plain
    assert "ledger::flush" not in plain  # the fourth one is a name only
    assert "at least (I think) it did yesterday" in plain


def test_a_deep_trace_counts_by_its_top() -> None:
    text = "".join(f"  at pkg.Type{number}.call(Type.java:1)\n" for number in range(FRAMES + 50))
    plain, frames = without_noise(text)
    assert len(frames) == FRAMES
    assert frames[0] == "Type0.call"
    assert plain.split() == ["Type0.call", "Type1.call", "Type2.call"]


def test_a_long_text_is_read_at_both_ends() -> None:
    tokens = tokens_of("first " + "middle " * 5 * MOST + "last").all
    assert len(tokens) == MOST
    assert (tokens[0], tokens[-1]) == ("first", "last")


def test_pieces_forgive_other_endings_and_leave_out_stop_words() -> None:
    assert pieces("crash") == ("_cra", "cras", "rash", "ash_")
    assert len(set(pieces("crashes")) & set(pieces("Crashing"))) == 3
    assert pieces("the") == ()
