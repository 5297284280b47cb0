"""What the small reader of semgrep's rules finds and what not."""

from typing import Any

import pytest

from tests.static.matching import Source

pytestmark = pytest.mark.slow


def lines(text: str, **rule: Any) -> list[int]:
    return Source.of(text).found({name.replace("_", "-"): value for name, value in rule.items()})


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.f(...)", "a.f()\na.f(1, b=2)\na.g()\nb.f()", [1, 2]),
        ("a.f(..., x=$T, ...)", "a.f(1, y=2, x=3)\na.f(y=2)", [1]),
        ("a.f()", "a.f()\na.f(1)\na.f(x=1)", [1]),
        ("a.f(1, ...)", "a.f(1)\na.f(1, 2)\na.f(2, 1)", [1, 2]),
        ("a.f(..., 1, ...)", "a.f(1)\na.f(3, 1, 2)\na.f(2)", [1, 2]),
        ("pickle.loads(...)", "import pickle as p\nfrom pickle import loads as l\np.loads(b)\nl(b)\nloads(b)", [3, 4]),
        ("$A == $A", "a == a\na == b", [1]),
        ("$A != $B", "a != b\na == b\na != b != c", [1]),
        ("$C.$F(..., verify=False, ...)", "x.y.z(1, verify=False)\nx.z(verify=True)\nz(verify=False)", [1]),
        ('$S.execute("..." + $X)', "s.execute('a' + b)\ns.execute(a + b)\ns.execute('a')", [1]),
        ('$S.execute(f"...")', "s.execute(f'a{b}')\ns.execute('a')", [1]),
        ("$K = uuid.uuid4().hex", "import uuid\nk = uuid.uuid4().hex\nk = uuid.uuid1().hex", [2]),
        ("$C.f(..., **$MORE)", "c.f(**more)\nc.f(1, a=2)", [1]),
    ],
)
def test_a_pattern(pattern: str, text: str, found: list[int]) -> None:
    assert lines(text, pattern=pattern) == found


def test_all_of_them_and_not() -> None:
    parts = [{"pattern": "c.f(...)"}, {"pattern-not": "c.f(..., timeout=$T, ...)"}]
    assert lines("c.f(1)\nc.f(timeout=2)\nc.f()", patterns=parts) == [1, 3]


def test_what_a_name_has_to_look_like() -> None:
    asked = {"metavariable": "$A", "regex": "^(self\\.)?token$"}
    parts = [{"pattern": "$A == $B"}, {"metavariable-regex": asked}]
    assert lines("token == a\nself.token == a\ntokens == a\na == token", patterns=parts) == [1, 2]


def test_one_of_them() -> None:
    assert lines("a()\nb()\nc()", pattern_either=[{"pattern": "a()"}, {"pattern": "b()"}]) == [1, 2]


def test_what_it_does_not_know_it_says() -> None:
    with pytest.raises(ValueError, match="pattern-inside"):
        lines("a()", patterns=[{"pattern": "a()"}, {"pattern-inside": "def f(): ..."}])
