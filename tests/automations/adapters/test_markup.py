import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.markup import html_as_markdown, markdown_as_html, plain_as_html

LINES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1
)


def test_plain_text_looks_the_same_as_html() -> None:
    text = "What failed: <b>invoice</b> & more\nsecond line\n\n\nsecond *part*"
    shown = "<p>What failed: &lt;b&gt;invoice&lt;/b&gt; &amp; more<br>second line</p><p>second *part*</p>"
    assert plain_as_html(text) == shown


@given(text=st.text())
def test_nothing_in_plain_text_becomes_a_tag(text: str) -> None:
    assert set(re.findall(r"<[^>]*>?", plain_as_html(text))) <= {"<p>", "</p>", "<br>"}


@given(words=st.lists(LINES, min_size=1, max_size=5))
def test_plain_text_comes_back_as_it_was_written(words: list[str]) -> None:
    assert re.sub(r"\s+", " ", html_as_markdown(plain_as_html(" ".join(words)))) == " ".join(words)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**Sorry**, [see](https://a.example)", '<p><strong>Sorry</strong>, <a href="https://a.example">see</a></p>'),
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("![spy](https://spy.example/1.png)", '<p>!<a href="https://spy.example/1.png">spy</a></p>'),
    ],
)  # fmt: skip
def test_a_reply_in_markdown_becomes_harmless_html(markdown: str, html: str) -> None:
    assert markdown_as_html(markdown) == html


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Hello<br>there</p><p>Bye</p>", "Hello\nthere\n\nBye"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ('<a href="https://a.example">a</a> <b>b</b>', "[a](https://a.example) **b**"),
        ("<style>p {}</style><script>alert(1)</script>left<img src=x>", "left"),
        ("<script>never ends", ""),
        ("plain words", "plain words"),
        ("", ""),
    ],
)
def test_html_of_a_desk_is_read_as_markdown(html: str, markdown: str) -> None:
    assert html_as_markdown(html) == markdown
