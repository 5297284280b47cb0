"""The file of signed checkpoints by itself: what is written is read, and nothing else is."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from storage import checkpoints
from storage.chain import GENESIS, Checkpoint
from storage.checkpoints import CheckpointError
from tests.support import START

KEY = b"a key of the test's own"


def ends(number: int) -> list[Checkpoint]:
    return [Checkpoint(10 * one, f"{one:064x}") for one in range(1, number + 1)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four lines."""
    path = tmp_path / "outside" / "checkpoints.jsonl"
    for number, end in enumerate(ends(4)):
        checkpoints.write(path, KEY, end, START + timedelta(minutes=number))
    return path


def test_lines_are_numbered_chained_signed_and_private(file: Path) -> None:
    lines = checkpoints.read(file, KEY)
    assert [line.end for line in lines] == ends(4)
    assert [line.number for line in lines] == [1, 2, 3, 4]
    assert [line.prev for line in lines] == [GENESIS, *(line.digest for line in lines[:-1])]
    assert len({line.file for line in lines}) == 1
    assert len({line.signature for line in lines}) == 4
    assert file.stat().st_mode & 0o777 == 0o600


def resigned(line: bytes) -> bytes:
    """The line with another row, signed by somebody who does not have the key."""
    values = json.loads(line) | {"seq": 11}
    del values["signature"]
    signed = values | {"signature": checkpoints.sign(b"another key altogether", values)}
    return json.dumps(signed, sort_keys=True, separators=(",", ":")).encode() + b"\n"


BROKEN: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "row changed": (lambda rows: [rows[0], rows[1].replace(b'"seq":20', b'"seq":21'), *rows[2:]], "line 2 was changed"),
    "signed anew": (lambda rows: [resigned(rows[0]), *rows[1:]], "line 1 was changed, or signed with another key"),
    "first dropped": (lambda rows: rows[1:], "line 1 does not follow"),
    "dropped": (lambda rows: [rows[0], *rows[2:]], "line 2 does not follow"),
    "swapped": (lambda rows: [rows[1], rows[0], *rows[2:]], "line 1 does not follow"),
    "twice": (lambda rows: [rows[0], *rows], "line 2 does not follow"),
    "no JSON": (lambda rows: [rows[0], b"{\n"], "line 2 is no checkpoint"),
    "too deep": (lambda rows: [b"[" * 100_000 + b"\n"], "line 1 is no checkpoint"),
    "more keys": (lambda rows: [rows[0].replace(b"{", b'{"more":1,', 1)], "line 1 is no checkpoint"),
    "other spelling": (lambda rows: [rows[0].replace(b":", b": ", 1)], "line 1 was changed"),
    "signature not ASCII": (lambda rows: [rows[0].replace(b'"signature":"', b'"signature":"\\u00e9')], "line 1 was"),
    "signature a number": (lambda rows: [resigned(rows[0]).split(b',"signature"')[0] + b',"signature":1}\n'], "line 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_was_not_written_is_found_and_nothing_is_put_behind_it(file: Path, name: str) -> None:
    tamper, words = BROKEN[name]
    file.write_bytes(b"".join(tamper(file.read_bytes().splitlines(keepends=True))))
    before = file.read_bytes()
    with pytest.raises(CheckpointError, match=words):
        checkpoints.read(file, KEY)
    with pytest.raises(CheckpointError, match=words):
        checkpoints.write(file, KEY, Checkpoint(50, "f" * 64), START)
    assert file.read_bytes() == before


def test_a_line_that_a_crash_cut_is_none_and_is_written_over(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    assert len(checkpoints.read(file, KEY)) == 3
    assert checkpoints.write(file, KEY, ends(4)[-1], START + timedelta(minutes=3)).number == 4
    assert file.read_bytes() == whole, "the same values are the same line"


def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoints.read(tmp_path / "nothing", KEY)
    with pytest.raises(CheckpointError, match="cannot be opened"):
        checkpoints.write(tmp_path, KEY, Checkpoint(1, "a" * 64), START)


def test_every_line_that_the_chain_names_has_to_be_there(file: Path) -> None:
    lines = checkpoints.read(file, KEY)
    named = [(10 * line.number + 1, line.named()) for line in lines]
    assert checkpoints.missing(lines, named, every_file=True) is None
    assert checkpoints.missing(lines[:3], named, every_file=True) == (
        41, f"checkpoint 4 of file {lines[0].file}, which row 41 names, is missing",
    )  # fmt: skip
    elsewhere = [*named, (50, {"file": "another", "number": 1, "line": "x"})]
    assert checkpoints.missing(lines, elsewhere, every_file=False) is None
    assert checkpoints.missing(lines, elsewhere, every_file=True) is not None
    wrong = [(11, named[0][1] | {"line": "0" * 64})]
    assert "not the one that row 11 names" in str(checkpoints.missing(lines, wrong, every_file=True))
    assert checkpoints.missing(lines, [(11, None)], every_file=True) is not None
