"""What a report's owner hears when Slack did not take it, and the line above one that is for them alone."""

from typing import Final

from automations.weekly_report.card_types import ReportCard, report_ref
from bot.views import Message
from bot.views.blocks import Part, actions, button, context, header, label, message, new_line, rich, section, words
from bot.views.report_words import span_words
from bot.views.texts import esc, one_line
from bot.wire_report import REPORT_ACT_NAMES, ReportAct, ReportButton

MOST_BLOCKS = 50
_ADVICE: Final = {
    "not_in_channel": "Handoff is not in that channel. Type /invite @Handoff there.",
    "channel_not_found": "Slack knows no such channel, or it is private and Handoff is not in it: invite it there.",
    "is_archived": "That channel is archived. Unarchive it, or have an admin name another one in report.channel.",
}
"""What to do about Slack's own words (docs.slack.dev, chat.postMessage)."""


def report_unposted_message(card: ReportCard, why: str, place: str, *, waits: bool) -> Message:
    """Tell that a report stands nowhere, and why, with Retry while `waits`. It calls nobody."""
    ref = report_ref(card.id)
    said = f"{ref} was made and could not be posted in {one_line(place, 80)}"
    if not waits:
        text = f"{said} at first; it was tried again since"
        return message(esc(text, 900), context(esc(text, 900)))
    parts: list[Part] = [
        label("Report"), words(card.title, limit=150), new_line(),
        label("Period"), words(span_words(card.request.period), limit=200), new_line(),
        label("Why"), words(why, limit=1_000),
    ]  # fmt: skip
    for advice in (said for code, said in _ADVICE.items() if code in why):
        parts += [new_line(), label("What to do"), words(advice)]
    retry = ReportButton(card.id, ReportAct.RETRY).encode()
    return message(
        esc(f"{said}: {why}", 900),
        header(one_line(f"{ref} could not be posted in {place}", 140)),
        rich(section(*parts)),
        context("Its numbers are kept. Retry posts it once what is in the way is mended; nothing is counted anew."),
        actions(button(REPORT_ACT_NAMES[ReportAct.RETRY], ReportAct.RETRY, retry, style="primary")),
    )


def for_owner_alone(shown: Message, place: str) -> Message:
    """The same message with a line above that says why it is not where it belongs: the mode is shadow."""
    said = f"Shadow: only you see this. In mode auto it is posted in {esc(place, 80)}."
    return {"text": f"{said} {shown['text']}", "blocks": [context(said), *shown["blocks"]][:MOST_BLOCKS]}
