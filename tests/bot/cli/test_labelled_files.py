"""Tables of texts, however they were exported; what cannot be read is named and never lost."""

from pathlib import Path

import pytest

from automations.errors import ConfigError
from bot.cli.labelled_files import LABEL, read_table, texts_of


def of(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"text,label\nno invoice,billing\n\"two\nlines, one cell\",other\n"),
        ("b.csv", b"\xef\xbb\xbfLabel;Text\r\nbilling;no invoice\r\nother;\"two\nlines, one cell\"\r\n"),
        ("c.tsv", b"TEXT\tIntent\nno invoice\tbilling\n\n\"two\nlines, one cell\"\tother\n"),
        (
            "d.jsonl",
            b'{"text": "no invoice", "topic": "billing"}\n{"text": "two\\nlines, one cell", "topic": "other"}',
        ),
        ("e.json", b'[{"body": "no invoice", "team": "billing"}, {"body": "two\\nlines, one cell", "team": "other"}]'),
        ("f.csv", "text,label\nno invoice,billing\n\"two\nlines, one cell\",other\n".encode("utf-16")),
    ],
)  # fmt: skip
def test_the_same_table_in_many_shapes(tmp_path: Path, name: str, content: bytes) -> None:
    table = read_table(str(of(tmp_path, name, content)))
    assert texts_of(table) == ["no invoice", "two\nlines, one cell"]
    label = table.needed("label", *LABEL)
    assert [row.values[label] for row in table.rows] == ["billing", "other"]
    assert table.bad == ()


def test_a_title_stands_above_its_text_and_old_letters_are_read(tmp_path: Path) -> None:
    path = of(tmp_path, "a.csv", "subject,body\nGruß,schöne Grüße\n,only this\n".encode("latin-1"))
    assert texts_of(read_table(str(path))) == ["Gruß\nschöne Grüße", "only this"]


def test_what_is_no_row_is_named_with_its_line(tmp_path: Path) -> None:
    csv = read_table(str(of(tmp_path, "a.csv", b"text,label\nfine,a\ntoo,many,cells\nalso fine,b\nshort\n")))
    assert [row.line for row in csv.rows] == [2, 4, 5]
    assert csv.bad == ((3, "3 cells under 2 columns"),)
    lines = read_table(str(of(tmp_path, "b.jsonl", b'{"text": "a"}\nnot json\n[1]\n')))
    assert [line for line, _ in lines.bad] == [2, 3]


def test_a_file_without_column_names_is_a_text_a_line(tmp_path: Path) -> None:
    path = of(tmp_path, "a.txt", b"my card, it is lost\n\ncancel it\n")
    assert texts_of(read_table(str(path))) == ["my card, it is lost", "cancel it"]


def test_what_is_missing_is_said_with_what_is_there(tmp_path: Path) -> None:
    table = read_table(str(of(tmp_path, "a.csv", b"id,split\n1,train\n")))
    with pytest.raises(ConfigError, match=r"no column for the text .*Its columns: id, split"):
        texts_of(table)
    with pytest.raises(ConfigError, match=r"no row has 'test' in the column split. It holds: train"):
        table.where("split", "test")
    assert len(table.where("split", "train").rows) == 1
    with pytest.raises(ConfigError, match="cannot be read"):
        read_table(str(tmp_path / "none.csv"))
    with pytest.raises(ConfigError, match="there is no row in it"):
        read_table(str(of(tmp_path, "b.csv", b"text,label\n")))
