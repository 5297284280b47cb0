"""The one direct message to somebody new: what the buttons and reactions do, what to type, and what Handoff is not."""

from bot.views import Message
from bot.views.blocks import Part, bullets, context, header, message, rich, section, words
from bot.views.texts import Look, esc, one_line


def welcome_message(name: str, look: Look) -> Message:
    """Greet them and explain. It asks for nothing and calls nobody."""
    buttons: list[list[Part]] = [
        [words("Claim", bold=True), words("  it is yours; say so before you begin")],
        [words("Reassign", bold=True), words("  it is somebody else's")],
        [words("Escalate", bold=True), words("  a lead should look at it")],
        [words("Resolve", bold=True), words("  what was done goes to the ticket as an internal note")],
    ]
    reactions: list[list[Part]] = [
        [_emoji(look.claim), words("  claims the case; taking it back releases it")],
        [_emoji(look.resolve), words("  offers the form that resolves it")],
        [_emoji(look.escalate), words("  offers the form that escalates it")],
    ]
    commands: list[list[Part]] = [
        [words(f"/{look.prefix} help", bold=True), words("  everything that can be typed")],
        [words(f"/{look.prefix} mine", bold=True), words("  your open cases")],
        [words(f"/{look.prefix} away until Fri 09:00", bold=True), words("  others get new cases until then")],
    ]
    return message(
        f"Welcome to support, {esc(name, 80)}. This is what the buttons do.",
        header(f"Welcome to support, {one_line(name, 80)}"),
        rich(
            section(words("When something fails, Handoff posts a case with its owner and its ticket.")),
            section(words("Buttons on a case", bold=True)),
            bullets(buttons),
            section(words("Or a reaction on its message", bold=True)),
            bullets(reactions),
            section(words("To type anywhere", bold=True)),
            bullets(commands),
            section(words("What you write in a thread stays in Slack. Customers see nothing of this.")),
        ),
        context(
            "Handoff is not a pager: it mentions an owner once, and outside working hours only for urgent cases. "
            "Nobody has to answer this message."
        ),
    )


def _emoji(name: str) -> Part:
    return {"type": "emoji", "name": name}
