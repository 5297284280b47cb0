"""The chain without a database: every way of tampering with a list of rows is found, at the first row it touches."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.chain import GENESIS, Checkpoint, StoredRow, Verdict, canonical, judge, row_hash, stamp
from tests.support import START

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
DOCUMENT = st.none() | st.dictionaries(st.text(max_size=5), JSON, max_size=3)
TEXTS = ("actor", "action", "target", "outcome", "correlation_id")


def chain(documents: Sequence[dict[str, Any] | None]) -> list[StoredRow]:
    rows, prev = [], GENESIS
    for seq, document in enumerate(documents, start=1):
        at = START + timedelta(seconds=seq)
        columns: dict[str, Any] = {
            "seq": seq,
            "at": stamp(at),
            "actor": "anna@example.com",
            "action": "case.claimed",
            "target": f"case/{seq}",
            "before": None,
            "after": document,
            "outcome": "done",
            "correlation_id": f"c{seq}",
            "prev_hash": prev,
        }
        stored = columns | {"at": str(at.replace(tzinfo=None)), "after": document and canonical(document)}
        if document == {}:
            stored["after"] = "{}"
        rows.append(StoredRow(**stored, hash=row_hash(columns)))
        prev = rows[-1].hash
    return rows


def end(rows: Sequence[StoredRow]) -> Checkpoint:
    return Checkpoint(rows[-1].seq, rows[-1].hash) if rows else Checkpoint(0, GENESIS)


@given(st.lists(DOCUMENT, max_size=6))
def test_an_untouched_chain_is_whole(documents: list[dict[str, Any] | None]) -> None:
    rows = chain(documents)
    assert judge(rows, end(rows)) == Verdict(True, len(rows))
    for seen in range(len(rows)):
        assert judge(rows, end(rows), known=end(rows[: seen + 1])).ok


@st.composite
def tampered(draw: st.DrawFn) -> tuple[list[StoredRow], list[StoredRow], int]:
    """A chain, the same chain after one act of tampering, and the first row that is not what it was."""
    changed: dict[str, Any]
    before = chain(draw(st.lists(DOCUMENT, min_size=2, max_size=6)))
    rows, at = list(before), draw(st.integers(0, len(before) - 1))
    match draw(st.sampled_from(["text", "time", "json", "delete", "tail", "insert", "swap", "hash", "junk"])):
        case "text":
            column = draw(st.sampled_from(TEXTS))
            value = draw(st.text(max_size=8).filter(lambda new: new != getattr(rows[at], column)))
            changed = {column: value}
            rows[at] = rows[at]._replace(**changed)
        case "time":
            rows[at] = rows[at]._replace(at=str((START - timedelta(days=1)).replace(tzinfo=None)))
        case "json":
            document = draw(DOCUMENT.map(lambda new: new if new is None else canonical(new)))
            column = draw(st.sampled_from(["before", "after"]))
            if document == getattr(rows[at], column):
                document = '{"planted":true}'
            changed = {column: document}
            rows[at] = rows[at]._replace(**changed)
        case "junk":
            column = draw(st.sampled_from(["at", "before", "after"]))
            junk = draw(st.sampled_from(["{", "[]", '"x"', "7", "infinity", b"\xff", 7, "[" * 100_000]))
            changed = {column: junk}
            rows[at] = rows[at]._replace(**changed)
        case "delete":
            del rows[at]
        case "tail":
            del rows[at:]
        case "insert":
            twin = rows[at]._replace(actor="mallory@example.com")
            rows[at:] = [twin, *(row._replace(seq=row.seq + 1) for row in rows[at:])]
        case "swap":
            other = draw(st.integers(0, len(rows) - 1).filter(lambda index: index != at))
            first, second = rows[at], rows[other]
            rows[at], rows[other] = second._replace(seq=first.seq), first._replace(seq=second.seq)
            at = min(at, other)
        case "hash":
            rows[at] = rows[at]._replace(hash="f" * 64)
    return before, rows, at + 1


@given(tampered())
def test_tampering_is_found_at_the_first_row_it_touches(
    case: tuple[list[StoredRow], list[StoredRow], int],
) -> None:
    before, rows, first_bad = case
    verdict = judge(rows, end(before))
    assert not verdict.ok
    assert verdict.first_bad_seq == first_bad
    assert verdict.checked == first_bad - 1
    assert str(first_bad) in verdict.problem


@given(st.lists(DOCUMENT, min_size=1, max_size=5), st.data())
def test_a_chain_stamped_anew_is_found_against_a_checkpoint(
    documents: list[dict[str, Any] | None], data: st.DataObject
) -> None:
    """Whoever can write everything can make a chain that is right in itself; only what was kept elsewhere shows it."""
    rows = chain(documents)
    index = data.draw(st.integers(0, len(rows) - 1))
    forged = chain([*documents[:index], {"forged": "yes"}, *documents[index + 1 :]])
    assert judge(forged, end(forged)).ok
    verdict = judge(forged, end(forged), known=end(rows))
    assert (verdict.ok, verdict.first_bad_seq) == (False, len(rows))
    cut = judge(rows[:index], end(rows[:index]), known=end(rows))
    assert (cut.ok, cut.first_bad_seq) == (False, index + 1)


def test_the_ends_of_the_chain() -> None:
    rows = chain([None, {"a": 1}, {"b": 2}])
    assert judge([], Checkpoint(0, GENESIS)) == Verdict(True, 0)
    assert judge(rows, None) == Verdict(False, 3, None, "the head row is missing")
    assert judge(rows, end(rows[:2])).first_bad_seq == 3, "rows beyond the head"
    assert judge(rows, Checkpoint(3, GENESIS)).first_bad_seq == 3
    assert judge([rows[0]._replace(seq=-4), *rows], end(rows)).first_bad_seq == -4
    assert judge([], Checkpoint(0, "f" * 64)).first_bad_seq == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), START, {1, 2}, b"x"])
def test_only_plain_json_is_hashed(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical({"value": value})


@given(st.dictionaries(st.text(), JSON, min_size=2, max_size=4))
def test_a_document_has_one_spelling(document: dict[str, Any]) -> None:
    other_order = dict(reversed(document.items()))
    assert canonical(document) == canonical(other_order)
