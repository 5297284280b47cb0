"""What is fuzzed: each target takes bytes, and fails on anything but the errors that its function promises."""

from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from automations.errors import HandoffError
from automations.failure_tickets.event import FailureEvent
from automations.redact import Redactor
from bot import guard
from bot.grammar import parse_support
from bot.grammar_access import parse_offboard, parse_provision, parse_reconcile
from bot.grammar_customers import parse_customers
from bot.grammar_duty import parse_duty, parse_pause, parse_spell
from bot.grammar_escalation import parse_escalate
from bot.grammar_report import parse_filters, parse_report
from bot.grammar_triage import parse_triage
from bot.ingest import Senders, read_json
from bot.problems import Problem
from bot.views.texts import clip, esc, tame

Target = Callable[[bytes], None]

SECRET: Final = "fuzz-secret-3f9"
_REDACTOR: Final = Redactor([SECRET])
_COMMANDS: Final = (
    parse_support, parse_offboard, parse_reconcile, parse_customers, parse_duty, parse_spell, parse_pause,
    parse_escalate, parse_report, parse_triage, lambda text: parse_provision(text, ("agent", "billing agent")),
)  # fmt: skip


def body(given: bytes) -> None:
    """The reader of bodies, and of what it took the failure event."""
    try:
        read = read_json("application/json", given)
    except Problem as refused:
        _must(refused.status == 400, given)
        return
    try:
        FailureEvent.model_validate(read)
    except ValidationError:
        return


def signature(given: bytes) -> None:
    """The check of Slack's signature, and those of the senders of failures: nothing but the very token is taken."""
    text = given.decode("latin-1")
    first, _, rest = text.partition("\n")
    headers = {"x-slack-request-timestamp": first, "x-slack-signature": rest}
    assert guard.check(SECRET, headers, given, now_s=1_795_000_000.0) is not None
    for name in ("authorization", "sentry-hook-signature", "webhook-signature"):
        said = {name: text, "webhook-id": first, "webhook-timestamp": rest}
        try:
            Senders("*=fuzz-token", "whsec_" + "MDEy" * 8, "shop=fuzz-client").authenticate(said, given)
        except Problem as refused:
            _must(refused.status == 401, given)
        else:
            _must(name == "authorization" and text.split() == ["Bearer", "fuzz-token"], given)


def redactor(given: bytes) -> None:
    """Redaction comes to rest, and takes out what is held."""
    text = given.decode("utf-8", "surrogateescape")
    once = _REDACTOR.text(text)
    assert _REDACTOR.text(once) == once
    assert SECRET not in _REDACTOR.text(f"{text}{SECRET}{text}")


def command(given: bytes) -> None:
    """Every command's words: read, or refused in words."""
    text = given.decode("utf-8", "replace")
    for parse in _COMMANDS:
        try:
            parse(text)
        except HandoffError as refused:
            _must(bool(str(refused)), given)


def escaper(given: bytes) -> None:
    """What is shown of a text: no markup, no torn entity, within its limit, one line where one is promised."""
    text = given.decode("utf-8", "surrogatepass") if _is_text(given) else given.decode("latin-1")
    limit = 2 + len(given) % 97
    made = esc(text, limit)
    assert len(made) <= limit
    assert not {"<", ">"} & set(made)
    assert "&" not in made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert len(clip(text, limit)) <= limit
    assert len(tame(text).splitlines()) <= 1
    assert tame(tame(text)) == tame(text)


def filters(given: bytes) -> None:
    """The filters of a report."""
    try:
        parse_filters(given.decode("utf-8", "replace").split("\n"))
    except HandoffError as refused:
        _must(bool(str(refused)), given)


def _must(held: bool, given: bytes) -> None:
    if not held:
        raise AssertionError(given)


def _is_text(given: bytes) -> bool:
    try:
        given.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


TARGETS: Final[dict[str, Target]] = {
    one.__name__: one for one in (body, signature, redactor, command, escaper, filters)
}  # fmt: skip
