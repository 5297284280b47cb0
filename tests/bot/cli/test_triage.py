"""`handoff triage train` and `predict`: any labelled file, with and without a team's settings."""

import io
import json
from pathlib import Path

import pytest

from bot.cli.labelled_files import labelled_rows
from tests.automations.texts.requests import ROWS, STRANGE
from tests.bot.cli.conftest import Terminal

CSV = "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in ROWS)


def examples(terminal: Terminal) -> Path:
    return terminal.file("examples.csv", CSV)


def typed_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_model_needs_no_settings(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    model = bare.folder / "model.npz"
    trained = bare("triage", "train", examples(bare), "--model", model, "--json")
    assert trained.code == 0, trained.err
    told = trained.json
    assert (told["rows"], told["labels"]) == (60, ["billing", "cancel", "delivery", "export", "login"])
    assert len(told["training_hash"]) == 64
    assert {each["label"] for each in told["scores"]["labels"]} == set(told["labels"])
    typed_in(monkeypatch, "refund the duplicate charge on the invoice\r\n\nzzz\n")
    said = bare("triage", "predict", "-", "--model", model, "--json").json
    assert [(each["row"], each["label"], each["guess"], each["decided"]) for each in said["rows"][:1]] == [
        (1, "billing", "billing", True)
    ]
    assert (said["rows"][1]["text"], said["rows"][1]["label"]) == ("zzz", None)
    assert "expected" not in said["rows"][0]
    assert said["summary"]["accuracy"] is None
    again = bare("triage", "train", examples(bare), "--model", model)
    assert again.code == 0, "a model may take a model's place"
    assert f"sha256:{told['training_hash'][:20]}" in again.out.replace("\n", "")


def test_labels_give_figures(bare: Terminal) -> None:
    model = bare.folder / "model.npz"
    bare("triage", "train", examples(bare), "--model", model)
    rows = [{"text": text, "label": label} for text, label in ROWS]
    rows += [{"text": text, "label": "oos"} for text in STRANGE[:3]]
    rows += [{"text": text, "label": "chess"} for text in STRANGE[3:]]
    rows.append({"text": "no label here", "label": ""})
    file = bare.file("tests.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    said = bare("triage", "predict", file, "--model", model, "--json").json
    summary = said["summary"]
    assert (summary["rows"], summary["in_scope"], summary["out_of_scope"]) == (67, 60, 6)
    assert summary["accuracy"] > 0.9
    assert summary["out_of_scope_recall"] >= 5 / 6
    assert summary["coverage"] == pytest.approx(summary["decided"] / 67)
    assert said["rows"][60]["expected"] == "oos"
    assert said["rows"][66]["expected"] is None
    everything = bare("triage", "predict", file, "--model", model, "--at-least", "0", "--json").json["summary"]
    assert everything["answered_right"] == everything["accuracy"]
    nothing = bare("triage", "predict", file, "--model", model, "--at-least", "1", "--json").json["summary"]
    assert (nothing["decided"], nothing["out_of_scope_recall"], nothing["accuracy_decided"]) == (0, 1, None)
    shown = bare("triage", "predict", file, "--model", model)
    assert "not decided" in shown.out
    assert "of 60 rows in scope" in shown.out


def test_without_settings_the_data_folder_has_the_model(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(bare.folder / "home"))
    missing = bare("triage", "predict", examples(bare))
    assert missing.code == 1
    assert "`handoff triage train FILE` makes one" in missing.err
    assert bare("triage", "train", examples(bare)).code == 0
    assert (bare.folder / "home" / "handoff" / "triage-model.npz").is_file()
    assert bare("triage", "predict", examples(bare)).code == 0


def test_with_settings_the_database_has_it(handoff: Terminal) -> None:
    missing = handoff("triage", "predict", examples(handoff))
    assert missing.code == 1
    assert "The database holds no classifier yet" in missing.err
    trained = handoff("triage", "train", examples(handoff), "--json")
    assert trained.json["model"] == "the database, as model 1"
    assert handoff("triage", "predict", examples(handoff), "--json").json["summary"]["accuracy"] > 0.9
    (entry,) = handoff("audit", "list", "--json").json
    assert entry["action"] == "triage.trained"


def test_secrets_are_no_features(bare: Terminal) -> None:
    model, token = bare.folder / "model.npz", "xoxb-123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx"
    file = bare.file("leaky.csv", CSV + "".join(f"my token is {token} {row},login\n" for row in range(3)))
    assert bare("triage", "train", file, "--model", model).code == 0
    said = bare("triage", "predict", file, "--model", model, "--json")
    assert token.lower() not in said.out.lower()
    assert b"xoxb-123456789012" not in model.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.csv", "Label,TEXT\r\nbilling,\"pay,\r\nnow\"\r\n", [("pay,\r\nnow", "billing")]),
        ("a.csv", "\ufefftext;label\nä;b\n", [("ä", "b")]),
        ("a.tsv", "id\tintent\ttext\n1\tb\thello, you\n", [("hello, you", "b")]),
        ("a.csv", "subject,body,queue\nHi,there,b\n,only,b\n", [("Hi\nthere", "b"), ("only", "b")]),
        ("a.csv", "title,description,category\nHi,,b\n", [("Hi", "b")]),
        ("a.csv", "text,label,intent\nx,l,i\n", [("x", "l")]),
        ("a.jsonl", '{"text": "x", "label": "l"}\n\n{"Label": 7, "Text": "y"}\n', [("x", "l"), ("y", "7")]),
        ("a.json", '[{"text": "x", "label": "l"}]', [("x", "l")]),
        ("a.csv", "text,label\n\nx,l\n\n\ny,l\n", [("x", "l"), ("y", "l")]),
    ],
)  # fmt: skip
def test_files_as_the_world_writes_them(tmp_path: Path, name: str, content: str, found: list[tuple[str, str]]) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    read = labelled_rows(str(path), for_training=True)
    assert [(row.text, row.label) for row in read.rows] == found
    assert read.bad == ()
    assert read.read_as == "UTF-8"


def test_old_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    for encoding, told in (("latin-1", "Latin-1"), ("utf-16", "UTF-16")):
        path.write_bytes("text,label\nGrüße,é\n".encode(encoding))
        read = labelled_rows(str(path))
        assert [(row.text, row.label) for row in read.rows] == [("Grüße", "é")]
        assert read.read_as == told


def test_rows_that_cannot_be_used_are_listed(bare: Terminal) -> None:
    bad = 'too,many,fields\nnolabel,\n,notext\none\n"wrong" quotes,x\n'
    file = bare.file("bad.csv", CSV + bad)
    done = bare("triage", "train", file, "--model", bare.folder / "m", "--json")
    assert done.code == 3
    assert done.json["rows"] == 60
    assert [each["line"] for each in done.json["bad_rows"]] == [62, 63, 64, 65, 66]
    assert "5 rows could not be used" in done.err
    assert "line 62: 3 fields, and the header has 2" in done.err
    lines = bare.file("bad.jsonl", '{"text": "x", "label": "l"}\nnot json\n[1]\n')
    read = labelled_rows(str(lines), for_training=True)
    assert [each.line for each in read.bad] == [2, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        ("a,b\n1,2\n", "no column holds the text. Wanted: text, or subject/title with body/description; there: a, b."),
        ("text,b\n1,2\n", "no column holds the label. Wanted: label, intent, category, queue; there: text, b."),
        ('text,label\n"never closed,x\ny,z\n', "line 2: a quotation mark is opened here and never closed"),
        ("text,label\nx,l\n", "only 'l' in 1 rows"),
    ],
)
def test_a_file_that_is_none_is_told(bare: Terminal, content: str, words: str) -> None:
    done = bare("triage", "train", bare.file("x.csv", content), "--model", bare.folder / "m")
    assert done.code == 1
    assert words in done.err
    assert not (bare.folder / "m").exists()


def test_one_split_is_chosen(bare: Terminal) -> None:
    head, *lines = CSV.splitlines()
    splits = [head + ",split", *(f"{line},{'test' if n % 4 == 0 else 'train'}" for n, line in enumerate(lines))]
    file, model = bare.file("splits.csv", "\n".join(splits)), bare.folder / "m"
    assert bare("triage", "train", file, "--split", "train", "--model", model, "--json").json["rows"] == 45
    said = bare("triage", "predict", file, "--split", "test", "--model", model, "--json").json
    assert [each["row"] for each in said["rows"]][:3] == [1, 5, 9]
    wrong = bare("triage", "train", file, "--split", "dev", "--model", model)
    assert (wrong.code, "no row is of it. There: test (15), train (45)" in wrong.err) == (1, True)
    assert "--split takes one of them" in bare("triage", "train", file, "--model", model).err
    none = bare("triage", "train", examples(bare), "--split", "dev", "--model", model)
    assert "there is no column split. There: text, label" in none.err


def test_a_file_that_is_no_model_is_left_alone(bare: Terminal) -> None:
    file = examples(bare)
    done = bare("triage", "train", file, "--model", file)
    assert done.code == 1
    assert "--force writes over it" in done.err
    assert file.read_text(encoding="utf-8") == CSV
    said = bare("triage", "predict", file, "--model", file)
    assert (said.code, "no model of Handoff's classifier" in said.err) == (1, True)
