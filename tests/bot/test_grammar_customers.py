"""What follows `/support-customers`, as phones, Slack and people in a hurry write it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import UsageError
from bot.grammar_customers import LAST, CustomersCommand, CustomersVerb, parse_customers

SIGNS = "‘’“”«»–—\u00a0\u200b\t\u2003'\"-`<>&@"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", CustomersCommand(CustomersVerb.SYNC)),
        ("  \u200b ", CustomersCommand(CustomersVerb.SYNC)),
        ("Sync", CustomersCommand(CustomersVerb.SYNC)),
        ("run", CustomersCommand(CustomersVerb.SYNC)),
        ("sync whole", CustomersCommand(CustomersVerb.SYNC, whole=True)),
        ("sync —whole", CustomersCommand(CustomersVerb.SYNC, whole=True)),
        ("sync --whole", CustomersCommand(CustomersVerb.SYNC, whole=True)),
        ("status", CustomersCommand(CustomersVerb.STATUS)),
        ("status 2", CustomersCommand(CustomersVerb.STATUS, page=2)),
        ("list", CustomersCommand(CustomersVerb.LIST)),
        ("list 3", CustomersCommand(CustomersVerb.LIST, page=3)),
        ("list acme gmbh", CustomersCommand(CustomersVerb.LIST, "acme gmbh")),
        ("find “acme gmbh” 2", CustomersCommand(CustomersVerb.LIST, "acme gmbh", 2)),
        ("list <http://acme.example|acme.example>", CustomersCommand(CustomersVerb.LIST, "acme.example")),
        ("show acct_42", CustomersCommand(CustomersVerb.SHOW, "acct_42")),
        ("show “Acme &amp; Sons”", CustomersCommand(CustomersVerb.SHOW, "Acme & Sons")),
        ("conflicts", CustomersCommand(CustomersVerb.CONFLICTS)),
        ("ledger 4", CustomersCommand(CustomersVerb.CONFLICTS, page=4)),
        ("rejected", CustomersCommand(CustomersVerb.REJECTED)),
        ("rollback last", CustomersCommand(CustomersVerb.ROLLBACK, LAST)),
        ("rollback Last", CustomersCommand(CustomersVerb.ROLLBACK, LAST)),
        ("undo acct_42", CustomersCommand(CustomersVerb.ROLLBACK, "acct_42")),
        ("help", CustomersCommand(CustomersVerb.HELP)),
        ("?", CustomersCommand(CustomersVerb.HELP)),
    ],
)
def test_what_people_type_is_understood(text: str, asked: CustomersCommand) -> None:
    assert parse_customers(text) == asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fix everything", "I do not know “fix”. I know: sync, status, list"),
        ("sync tier", "I do not know “tier”. I know: whole"),
        ("show", "comes an account id."),
        ("rollback", "or last for what was done last"),
        ("conflicts of tier", "comes a page number or nothing"),
        ("rejected 0", "comes a page number or nothing"),
        (f"show {'x' * 256}", "comes an account id."),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_is_known(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse_customers(text)


@given(st.one_of(st.text(), st.text(alphabet=[*SIGNS, *"synclistshowrollback 123"])))
def test_any_text_is_a_command_or_is_answered_with_usage(text: str) -> None:
    usage = ""
    try:
        command = parse_customers(text)
        assert command.page >= 1
        assert len(command.about) <= 255
    except UsageError as problem:
        usage = str(problem)
        assert usage
    assert len(usage) < 300
