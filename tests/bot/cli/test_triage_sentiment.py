"""`handoff triage sentiment`: any file of texts, with no settings, no database and no network."""

import io
import json
import sys
from typing import Any

import pytest

from bot.cli.sentiment_figures import Judged, figures, polarities
from tests.bot.cli.conftest import Terminal

LABELLED = """id,Polarity,Text
1,negative,"This is unacceptable, I hate it."
2,neutral,The process was killed by a fatal error.
3,positive,"Thank you so much, that solved it!"
4,negative,The parcel stands in the yard of my neighbour.
5,neutral,"What a horrible, awful name for a colour, said the poet."
"""


FILES = [
    ("a.csv", "id,message\n1,I hate this\n2,please cancel\n"),
    ("a.csv", "id;Comment\n1;I hate this\n2;please cancel\n"),
    ("a.csv", "id,utterance\n1,I hate this\n2,please cancel\n"),
    ("a.tsv", "subject\tbody\nI hate this\tnow\nplease\tcancel\n"),
    ("a.jsonl", '{"body": "I hate this", "id": 1}\n{"body": "please cancel", "id": 2}\n'),
    ("a.txt", "I hate this\nplease cancel\n"),
]


def asked(bare: Terminal, name: str) -> dict[str, Any]:
    ran = bare("triage", "sentiment", name, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = json.loads(ran.out)
    assert set(answer) == {"rows", "summary"}
    return dict(answer)


def test_rows_and_figures_of_a_labelled_file(bare: Terminal) -> None:
    bare.file("posts.csv", LABELLED)
    answer = asked(bare, "posts.csv")
    assert answer["rows"][0] == {
        "row": 1, "score": answer["rows"][0]["score"], "negative": True, "words": ["unacceptable", "hate"],
        "language": "en", "label": "negative",
    }  # fmt: skip
    assert [row["negative"] for row in answer["rows"]] == [True, False, False, False, True]
    summary = answer["summary"]
    assert (summary["texts"], summary["negative"], summary["labelled"]) == (5, 2, 5)
    assert (summary["precision"], summary["recall"], summary["f1"]) == (0.5, 0.5, 0.5)
    assert summary["neutral_taken_for_negative"] == 0.5
    assert summary["label_column"] == "polarity"
    assert [path.name for path in bare.folder.iterdir()] == ["posts.csv"], "it wrote nothing"


@pytest.mark.parametrize(("name", "content"), FILES)
def test_texts_are_found_in_any_file(bare: Terminal, name: str, content: str) -> None:
    bare.file(name, content)
    answer = asked(bare, name)
    assert [row["negative"] for row in answer["rows"]] == [True, False]
    assert "precision" not in answer["summary"]
    assert "label" not in answer["rows"][0]


def test_lines_on_standard_input(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO("Meine Rechnung ist falsch\n\nI HATE this 😡\n".encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    answer = asked(bare, "-")
    assert [(row["language"], row["negative"]) for row in answer["rows"]] == [("de", False), ("en", True)]
    assert answer["rows"][1]["words"] == ["HATE", "😡"]


def test_for_people_it_is_a_table(bare: Terminal) -> None:
    shown = bare("triage", "sentiment", bare.file("posts.csv", LABELLED)).out
    for words in ("unacceptable", "Precision", "50.0 %", "Neutral taken for negative"):
        assert words in shown
    many = bare("triage", "sentiment", bare.file("many.txt", "please cancel\n" * 60 + "I hate this\n"))
    assert "The 40 unhappiest of 61 texts" in many.err
    assert many.out.index("I hate this") < many.out.index("please cancel")


def test_what_cannot_be_read_is_said(bare: Terminal) -> None:
    ran = bare("triage", "sentiment", bare.file("a.csv", "id,count\n1,2\n"))
    assert ran.code == 1
    assert "which column holds the text" in ran.err
    ran = bare("triage", "sentiment", bare.file("b.csv", "text,label\nI hate this,billing\nhello,login\n"))
    assert ran.code == 0
    assert "nothing is measured" in ran.err
    ran = bare("triage", "sentiment", bare.file("c.jsonl", '{"text": "I hate this"}\n{"text": \n'))
    assert (ran.code, "line 2: left out" in ran.err) == (0, True)
    assert "absent.csv" in bare("triage", "sentiment", "absent.csv").err


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        (["Negative", "neutral ", "POS", "billing", ""], ["negative", "neutral", "positive", "", ""]),
        (["-1", "0", "1.0", "nan"], ["negative", "neutral", "positive", ""]),
        (["0", "4", "2"], ["negative", "positive", "neutral"]),
        (["0", "1", "1"], ["", "", ""]),
    ],
)
def test_labels_as_people_write_them(labels: list[str], meant: list[str]) -> None:
    assert polarities(labels) == meant


def test_figures_where_there_is_nothing_to_divide_by() -> None:
    none = figures([Judged(0.5, False, "positive"), Judged(-0.9, True, "")])
    assert (none["labelled"], none["precision"], none["recall"], none["f1"]) == (1, None, None, None)
    rows = [Judged(-0.9, True, "negative"), Judged(-0.3, False, "negative"), Judged(-0.2, False, "neutral")]
    curve = {point["threshold"]: point for point in figures(rows)["curve"]}
    assert (curve[-0.5]["precision"], curve[-0.5]["recall"]) == (1.0, 0.5)
    assert (curve[-0.1]["precision"], curve[-0.1]["neutral_taken_for_negative"]) == (0.6667, 1.0)
