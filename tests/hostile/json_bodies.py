"""JSON texts of our own making: such as RFC 8259 forbids, and such as it allows however odd they look."""

from itertools import product
from typing import Final

_VALUES: Final = ("1", '"a"', "null", "[]", "{}", "true")
_NUMBERS: Final = (
    "01", "-01", "00", "+1", "++1", "-", "+", "--1", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1e1.5", "1.2.3",
    "0x1", "0b1",
    "0o7", "1_000", "1,000.5", "Infinity", "-Infinity", "+Infinity", "inf", "NaN", "-NaN", "nan", "1f", "1d", "1L",
    "1n", "1/2",
    "1 000", "- 1", "1e 5", "1 e5", "０", "１", "٣", "½", "²", "∞", "0e", "0e+", "0.e1", "-0.", ".e1", "e5", "1ee5",
)  # fmt: skip
_WORDS: Final = (
    "True", "False", "None", "NULL", "Null", "TRUE", "nul", "nulll", "tru", "truee", "fals", "undefined", "yes",
    "no", "on", "nil",
    "a", "abc", "id", "$ref", "@", "#", "'a'", "`a`", "“a”", "‘a’", "«a»", "(1)", "<a>", "f()", "new Date()", "/a/",
    "a=1", "a: 1",
)  # fmt: skip
_STRINGS: Final = (
    '"', '"a', 'a"', '"a""', '"a" "b"', '"a"b', r'"\x41"', r'"\a"', r'"\v"', r'"\0"', r'"\e"', r'"\'"', r'"\u"',
    r'"\u1"', r'"\u12"',
    r'"\u123"', r'"\uZZZZ"', r'"\u 123"', r'"\U0041"', r'"\u{41}"', '"\\', r'"\"', r'"\\\"', '"a\nb"', '"a\rb"',
    '"a\tb"', '"\x00"',
    '"\x01"', '"\x1f"', r'"\ "', r'"\é"', r'"\u00g0"', r'"\+"', r'"\1"', r'"\u-001"', r'"\u+041"',
)  # fmt: skip
_SHAPES: Final = (
    "[", "]", "{", "}", "[[", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[1}", "{1]",
    "(1]", "[1]]",
    "[1],", ",[1]", '["a"', '["a",', "[1]x", "[1]//", "[1]#", "[//\n1]", "[/*1*/]", "[...]", "[1..3]", "[1,2",
    "[[1]", "[*]", "[-]",
    '{"a"}', '{"a":}', '{"a"::1}', '{"a" 1}', '{"a",1}', '{"a";1}', '{"a"=1}', '{"a"=>1}', '{"a":1,}', '{,"a":1}',
    '{"a":1,,"b":2}',
    '{"a":1 "b":2}', '{"a":1;"b":2}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}",
    "{:1}", "{,}", "{:}",
    '{"a":1', '{"a":', '{"a"', '{"a', '{"', '{"a":1}}', '{"a":1}{', '{"a":1]', '{"a":[}', '{"a":{]', '{"a":1}x',
    '{"a":1}/**/',
    '{"a":1,"a":2}', '{"b":{"a":1,"a":1}}', '[{"a":1,"a":null}]', '{"a":1,"\\u0061":2}',
)  # fmt: skip
_AROUND: Final = (" ", "\n", "\f", "\v", "\xa0", "\u2028", "\u3000", "\ufeff", "\u200b", "\x00", "\x1a", ";", ",")
"""The first two are blanks of JSON, the others are none."""

REJECTED: Final[tuple[bytes, ...]] = tuple(
    dict.fromkeys(
        [
            *(text.encode("utf-8", "surrogatepass") for text in (*_NUMBERS, *_WORDS, *_STRINGS, *_SHAPES, "", " ",
            "\n\t\r ")),
            *(f"[{text}]".encode() for text in (*_NUMBERS, *_WORDS)),
            *(f"{value}{other}".encode() for value, other in product(_VALUES[2:], _VALUES[2:])),
            *(f"{sign}[1]".encode() for sign in _AROUND[2:]),
            *(f"[1]{sign}".encode() for sign in _AROUND[2:]),
            *(f"[1,{sign}2]".encode() for sign in _AROUND[2:]),
            *('["a"]'.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
            "utf-32-be")),
            b'"\xff"', b'"\xc3\x28"', b'"\xc0\xaf"', b'"\xe2\x82"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"',
            b'"\xf8\x88\x80\x80\x80"',
            b'"\xfe"', b'"\xe9"', b'["\x80"]', b'{"\xff":1}', b"[\xff]", b"\xff[1]", b"[1]\xff",
            b"[" * 100_000, b"[" * 50_000 + b"]" * 50_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
            b'[{"a":' * 30_000,
            b"9" * 5_000, b"[" + b"9" * 5_000 + b"]", b"-" + b"1" * 4_400,
        ]
    )
)  # fmt: skip
"""Texts that no strict reader takes: also keys told twice, nesting without end, and whole numbers of 4,301 digits."""

_GOOD_NUMBERS: Final = (
    "0", "-0", "1", "-1", "10", "0.0", "-0.0", "0.1", "1.0", "0e0", "0e1", "0E1", "0e+1", "0e-1", "1e1", "1E1",
    "1e+1", "1e-1", "1e01",
    "1e00", "123456789", "1.23456789", "-1.5e-10", "1e308", "1e-400", "123123e100", "0.5E+3", "20e1", "-123",
    "9007199254740993",
    "123456789012345678901234567890",
)  # fmt: skip
_GOOD_STRINGS: Final = (
    '""', '"a"', '" "', r'"\""', r'"\\"', r'"\/"', r'"\b"', r'"\f"', r'"\n"', r'"\r"', r'"\t"', r'"\u0041"',
    r'"\u00e9"', r'"\u00E9"',
    r'"\uD83D\uDE00"', r'"\u2028"', r'"\uffff"', r'"\u0000"', '"\x7f"', '"é"', '"€"', '"😀"', '"\u2028"', '"\u200b"',
    '"\ufeff"',
    '"\uffff"', '"a/*b*/c"', '"// x"', '"[1,2"', '"{"', '"null"', r'"\\u0041"', r'"\\\""', '"\U0010ffff"',
    '"\u0085"', r'"\u0022"',
    r'"\u005C"', '"asd "', '"π"', '"\x80"',
)  # fmt: skip
_GOOD_SHAPES: Final = (
    "[]", "{}", "[[]]", "[{}]", '{"a":[]}', '{"a":{}}', "[null]", "[true]", "[false]", "[1,2]", "[1, 2]", "[ ]",
    "{ }", "[\n]", "[1\n]",
    '{"":0}', '{"a":1}', '{ "a" : 1 }', '{"a":1,"b":2}', '{"a":{"b":{"c":[1]}}}', '{"A":1,"a":2}', '{"\\u0000":1}',
    '{"é":1}', "null",
    "true", "false", '[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]', '{"__proto__":1}', '{"a":"b","c":"b"}',
    "[1,null,1,null]",
)  # fmt: skip

ACCEPTED: Final[tuple[bytes, ...]] = tuple(
    dict.fromkeys(
        [
            *(text.encode() for text in (*_GOOD_NUMBERS, *_GOOD_STRINGS, *_GOOD_SHAPES)),
            *(f"{blank}[1]{blank}".encode() for blank in (" ", "\t", "\n", "\r", "\r\n", "  \n")),
            *(f"[{text}]".encode() for text in _GOOD_NUMBERS),
            *(f'{{"a":{text}}}'.encode() for text in _GOOD_STRINGS),
            b"[" * 200 + b"]" * 200,
        ]
    )
)  # fmt: skip
"""Texts that every reader of JSON takes."""
