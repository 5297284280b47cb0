"""Whatever outsiders write, no view pings, links, breaks or grows over Slack's limits."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain import CustomerRef
from automations.failure_tickets.card_types import AttemptLine, CaseCard, CaseRow, EntryLine, ShadowCard
from automations.words import PersonRef
from bot.views import blocks
from bot.views.case import case_message
from bot.views.forms import FORMS, case_form
from bot.views.home import HOME_CASES, HomeCard, home_view
from bot.views.lists import case_list, sentence
from bot.views.texts import clip, esc, tame
from bot.views.thread import entry_message, escalation_message, shadow_message
from tests.bot.views.checks import check, pings
from tests.bot.views.examples import (
    ANNA,
    AT,
    CLAIMED,
    DUTY,
    ESCALATED,
    ESCALATION,
    LOOK,
    NOT_NEEDED,
    OPEN,
    RESOLVED,
    ROW,
    STATUS,
)

ATTACKS = (
    "<!channel>", "<!here|x>", "<@U_AGENT1>", "<#C1>", "<!subteam^S1>", "<https://evil.example|click>", "|", "^",
    "&lt;!channel&gt;", "https://evil.example", "*bold* _it_ ~no~ `code` ```fence```", "> quoted", "a\u202eb\u2066c",
    "\x00\x07\x1b[31m", "", " ", "\n\n\n", "a\u2028b", "\u200b", "\ud83d", "@channel @everyone",
    "&" * 3_000, "<" * 3_000, "x" * 6_000, "👩\u200d👧" * 400,
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(ATTACKS), st.text(max_size=300), st.lists(st.sampled_from(ATTACKS), max_size=4).map("".join)
)
people = st.builds(PersonRef, texts, texts, st.none())


def poisoned(card: CaseCard, text: str, person: PersonRef) -> CaseCard:
    """The card with every text of it, and every person, from outside."""
    known: dict[str, Any] = {
        "customer": CustomerRef(text, text, text),
        "attempts": (AttemptLine(AT, text),) * 50,
        "checks": (text,) * 50,
        "priority_why": ((text, 3),) * 5,
        "ticket": replace(card.ticket, missing=text, id=text, url=f"https://desk.example/{text}"),
    }
    for one in fields(card):
        value = getattr(card, one.name)
        if isinstance(value, PersonRef):
            known[one.name] = person
        elif type(value) is str and one.name not in known:
            known[one.name] = text
    return replace(card, **(known | {"diagnostics_url": f"https://logs.example/{text}"}))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([OPEN, CLAIMED, ESCALATED, RESOLVED, NOT_NEEDED]), texts, people)
def test_no_case_message_pings_or_breaks(card: CaseCard, text: str, person: PersonRef) -> None:
    made = case_message(poisoned(card, text, person), LOOK, first_post=True)
    check(made)
    assert pings(made) == []


@settings(deadline=None, max_examples=60)
@given(texts, people)
def test_nothing_around_the_case_pings_or_breaks(text: str, person: PersonRef) -> None:
    card = poisoned(OPEN, text, person)
    row = replace(ROW, summary=text, owner=person, permalink=None)
    rows: list[CaseRow] = [row] * 30
    for made in (
        entry_message(EntryLine(1, 2, AT, person, "noted", text), LOOK),
        shadow_message(ShadowCard(text, text, text, text, text, text, text, 1_000)),
        escalation_message(replace(ESCALATION, case=card, lead=person, by=person, reason=text), LOOK, first_post=True),
        case_list(text, rows, page=1, more="cases", look=LOOK),
        sentence(text),
        home_view(
            HomeCard(tuple(rows[:HOME_CASES]), 30, (), replace(STATUS, oldest_unclaimed=row), tuple(DUTY)), "", AT, LOOK
        ),
        *(case_form(card, act) for act in FORMS),
    ):
        check(made)
        assert pings(made) == []


def test_the_owner_is_called_in_the_first_post_alone() -> None:
    assert set(pings(case_message(OPEN, LOOK, first_post=True))) == {"U_AGENT1"}
    assert pings(case_message(OPEN, LOOK, first_post=False)) == []
    assert pings(case_message(CLAIMED, LOOK, first_post=False)) == []


def test_a_history_line_calls_only_whom_it_names() -> None:
    line = EntryLine(42, 3, AT, ANNA, "reassigned", "Anna Berg reassigned this case")
    assert pings(entry_message(line, LOOK)) == []
    assert set(pings(entry_message(replace(line, mention=ANNA), LOOK))) == {"U_AGENT1"}


@given(texts, st.integers(2, 400))
def test_escaped_text_holds_no_markup_and_no_torn_entity(text: str, limit: int) -> None:
    made = esc(text, limit)
    assert len(made) <= limit
    assert not {"<", ">"} & set(made)
    bare = made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in bare
    for sign in "*_~`":
        assert made.count(sign) == made.count(f"\u200b{sign}\u200b")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp"]), max_size=50))
def test_escaping_loses_nothing(text: str) -> None:
    made = esc(text, 10_000).replace("\u200b", "")
    assert made.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(texts, st.integers(1, 100))
def test_clip_keeps_to_its_limit_and_short_text_whole(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit
    assert clip(text, len(text) + 1) == text


@given(texts)
def test_tame_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    made = tame(text)
    assert len(made.splitlines()) <= 1
    assert tame(made) == made


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://a b", "https://" + "x" * 3_000, ""])
def test_only_plain_web_addresses_become_links(url: str) -> None:
    assert blocks.link(url, "17")["type"] == "text"


def test_too_much_text_is_left_out_and_said_so() -> None:
    wall = [blocks.rich(blocks.section(blocks.words("x" * 1_000))) for _ in range(20)]
    made = blocks.message(
        "x", blocks.header("CASE-1"), *wall, blocks.actions(blocks.button("Claim", "case.claim", "v"))
    )
    check(made)
    assert (made["blocks"][0]["type"], made["blocks"][-1]["type"]) == ("header", "actions")
    assert sum("left out" in str(block) for block in made["blocks"]) == 1


def test_a_message_of_buttons_alone_that_is_too_large_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="over Slack's limits"):
        blocks.message("x", *[blocks.header(f"CASE-{n}") for n in range(60)])


@pytest.mark.parametrize(("count", "size"), [(0, 5), (6, 5), (1, 76)])
def test_an_overflow_menu_keeps_slacks_limits(count: int, size: int) -> None:
    with pytest.raises(ValueError, match="overflow"):
        blocks.overflow("case.more", [("Release", "v" * size)] * count)


def test_a_modals_title_keeps_slacks_limit() -> None:
    with pytest.raises(ValueError, match="24"):
        blocks.modal("t" * 25, "Send", callback_id="c", private_metadata="m")
