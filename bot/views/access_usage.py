"""What can be typed to ask for access: the answers to `help`, and to what was not understood."""

from bot.grammar_access import AccessCommand
from bot.views import Message
from bot.views.blocks import bullets, context, message, rich, saying, section, words
from bot.views.texts import Look, esc

USAGE: dict[AccessCommand, tuple[tuple[str, str], ...]] = {
    AccessCommand.PROVISION: (
        ("", "opens a form"),
        ("@person ROLE", "shows the plan that gives them this role"),
        ("@person ROLE Billing, Tier 2", "the same, with groups beside those of the role"),
        ('new@team.example ROLE name "First Last"', "for somebody who is not in Slack yet"),
    ),
    AccessCommand.OFFBOARD: (
        ("", "opens a form"),
        ("@person because …", "shows the plan that takes their access away; they do not see it"),
        ("@person to @successor", "the same, and what is open goes to the successor"),
        ("@person now because …", "the same, and cuts their sign-in at once, on your word"),
    ),
    AccessCommand.RECONCILE: (
        ("", "compares who works here with who is in the desk, and shows each difference"),
        ("status", "shows the newest comparison again"),
    ),
}
"""What can be typed after each command, and what it does."""

_RULES: dict[AccessCommand, str] = {
    AccessCommand.PROVISION: "Leads ask and confirm; a role that grants administration takes two of them.",
    AccessCommand.OFFBOARD: "Leads ask, and another lead confirms. What was cut at once is reviewed by a second one.",
    AccessCommand.RECONCILE: "Leads confirm each difference. Too many people at once: two have to release it first.",
}


def usage_message(command: AccessCommand, look: Look, *, problem: str = "") -> Message:
    """Show what can be typed; `problem` says first what was not understood."""
    name = f"/{look.prefix}-{command}"
    lines = [[words(f"{name} {more}".strip(), bold=True), words(f"  {text}")] for more, text in USAGE[command]]
    return message(
        esc(problem, 300) or f"What {name} knows",
        *([saying(problem)] if problem else []),
        rich(bullets(lines), section(words(_RULES[command]))),
        context("Nothing is changed by asking: a card shows what would be done, and waits for a confirmation."),
    )
