"""The line in a case's thread about a customer who wrote in: who, on which ticket, and how the note there stands."""

from automations.customer_context.card_types import WroteIn
from automations.domain import case_ref
from bot.views import Message
from bot.views.blocks import link, message, new_line, rich, section, words
from bot.views.texts import Look, esc, moment, one_line


def wrote_in_message(wrote: WroteIn, look: Look) -> Message:
    """Render the line. It calls nobody, and is green only once the note was read back."""
    case = f"{case_ref(wrote.case_id)}: " if wrote.in_group else ""
    said = f"{case}{one_line(wrote.name, 100)} ({one_line(wrote.account, 60)}) wrote in: "
    ticket = one_line(f"#{wrote.ticket_id} {wrote.title}", 150)
    return message(
        esc(f"{said}{ticket}", 600),
        rich(
            section(
                words(said),
                link(wrote.url, ticket) if wrote.url else words(ticket, bold=True),
                words(" · "),
                moment(wrote.at, look),
                new_line(),
                words(_note(wrote), limit=400),
            )
        ),
    )


def _note(wrote: WroteIn) -> str:
    ref = case_ref(wrote.case_id)
    match wrote.state:
        case "noted":
            return f"🟢 An internal note there names {ref}, verified in {one_line(wrote.desk, 60)}"
        case "failed":
            return f"🔴 No internal note there: {one_line(wrote.error, 200) or 'no reason given'}"
        case _:
            return f"🟠 An internal note that names {ref} is not verified yet"
