"""What people wrote in Slack, made readable outside of it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack_words import moment_of, permalink, plain_words

NAMES = {"U_AGENT1": "Anna Berg"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("ask <@U_AGENT1> or <@U9|ben>", "ask @Anna Berg or @ben"),
        ("in <#C1|failures> and <#C2|>", "in #failures and #C2"),
        ("<!here> <!subteam^S1|@agents> <!date^1^{date}|21 Nov>", "@here @agents 21 Nov"),
        ("see <https://x.example/a?b=1&amp;c=2|the log>", "see the log (https://x.example/a?b=1&c=2)"),
        ("see <https://x.example/>", "see https://x.example/"),
        ("  two\nlines ", "two\nlines"),
        ("", ""),
    ],
)
def test_tokens_are_written_out_and_entities_undone(written: str, read: str) -> None:
    assert plain_words(written, lambda user: NAMES.get(user, user)) == read


@given(st.text())
def test_what_a_person_typed_comes_back_as_typed(typed: str) -> None:
    """Slack escapes the three signs once; undone, the words are those that were typed."""
    sent = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_words(sent, str) == typed.strip()


def test_a_link_is_made_as_slack_makes_it() -> None:
    base, ts = "https://team.slack.example/", "1795227240.000100"
    assert permalink(base, "C1", ts) == "https://team.slack.example/archives/C1/p1795227240000100"
    assert permalink(base, "C1", ts, "17.1") == f"{permalink(base, 'C1', ts)}?thread_ts=17.1&cid=C1"
    assert permalink("", "C1", ts) is None
    assert permalink(base, "C1", "") is None


def test_a_message_tells_when_it_was_posted() -> None:
    assert moment_of("1795227240.000100") == datetime.fromtimestamp(1795227240.0001, tz=UTC)
