"""What of a ticket's text is no part of what it says: markup, build headers, and the deep end of a stack trace.

Two reports of one fault share its message and the frames nearest to it. Every pattern looks at bounded stretches, so
that a log of 100,000 characters takes milliseconds.
"""

import html
import re
from typing import Final

READ_START: Final = 24_000
READ_END: Final = 6_000
"""Characters of a longer text that are read: a log says what broke at its end."""
FRAMES: Final = 25
"""Frames of a text's stack traces that become names; common ones further down say nothing of the fault."""
FRAMES_AS_WORDS: Final = 3

_TAG: Final = re.compile(
    r"</?(?:a|b|blockquote|body|br|code|dd|div|dl|dt|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|pre|s|span|strong|style"
    r"|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^<>]{0,400})?/?>|<!--.{0,400}?-->",
    re.IGNORECASE | re.DOTALL,
)
_HEADER: Final = re.compile(
    r"^[ \t]*(?:user[- _]?agent|build[- _]?(?:identifier|id|date)|gecko|mozilla/\d)\b[^\n]{0,400}",
    re.IGNORECASE | re.MULTILINE,
)
_FRAME: Final = re.compile(
    r"^[ \t]*(?:at[ \t]+(?:async[ \t]+)?(?P<called>[\w.$<>/`\[\]]{1,300})(?: (?=\([^()\n]{1,300}:\d))?\([^\n]{0,400}"
    r'|File "(?P<file>[^"\n]{1,300})", line \d{1,7}, in (?P<function>[\w<>]{1,100})[^\n]{0,100}'
    r"|\#\d{1,3}[ \t]+(?:0x[0-9a-f]{1,16}[ \t]+in[ \t]+)?(?P<symbol>[\w:~]{2,200})[ \t]?\([^\n]{0,400})$",
    re.MULTILINE,
)


def without_noise(text: str) -> tuple[str, tuple[str, ...]]:
    """The words of a text, and the functions its stack traces went through, the nearest first: `class.method`."""
    if len(text) > READ_START + READ_END:
        text = f"{text[:READ_START]}\n{text[-READ_END:]}"
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    text = _HEADER.sub(" ", text)
    frames: list[str] = []

    def framed(found: re.Match[str]) -> str:
        frame = _called(found)
        frames.append(frame)
        return f" {frame} " if len(frames) <= FRAMES_AS_WORDS else " "

    text = _FRAME.sub(framed, text)
    return text, tuple(frames[:FRAMES])


def _called(frame: re.Match[str]) -> str:
    """The class and the method, or the file and the function: packages and line numbers change between versions."""
    if frame["called"]:
        return ".".join(re.split(r"[./]", frame["called"])[-2:])
    if frame["function"]:
        file = re.split(r"[/\\]", frame["file"])[-1]
        return f"{file}:{frame['function']}"
    return str(frame["symbol"])
