"""HTML comes off a message, and what was never HTML stays."""

import pytest

from automations.texts.markup import without_markup


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("Hi,<br>it <b>fails</b> &amp; I am &lt;angry&gt;", "Hi,\nit fails & I am <angry>", []),
        ("<p>one</p><p>two</p>", "\none\n\ntwo\n", []),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "\n\n a  b \n\n", []),
        ("run <code>kill -9 &lt;pid&gt;</code> now", "run   now", ["kill -9 <pid>"]),
        ("<pre>a <b>b</b>\nc</pre>", "\n ", ["a b\nc"]),
        ("mine<blockquote>his <blockquote>hers</blockquote> too</blockquote>", "mine\n ", []),
        ("a<style>p { kill: all }</style>b<script>die()</script>c<!-- fatal -->d", "a b cd", []),
        ("<pre>never closed, so it is read", "\nnever closed, so it is read", []),
        ("Map<String, List<Int>> and a < b > c", "Map<String, List<Int>> and a < b > c", []),
        ("<https://x.example/a|the page> <https://x.example>", "the page  ", []),
        ("<!-- left open", "<!-- left open", []),
    ],
)
def test_words_and_code(text: str, words: str, code: list[str]) -> None:
    assert without_markup(text) == (words, code)
