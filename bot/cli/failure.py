"""`handoff failure send`: failure events to a running bot."""

import os
from typing import Annotated

import typer

from automations.errors import AdapterError, ConfigError
from bot.cli.event_files import Sendable, Unreadable, batches, events_in
from bot.cli.files import read_text
from bot.cli.options import AsJson, config_of, settings_of
from bot.cli.output import as_json, note, progress, say, table
from bot.cli.sender import BATCH, BODY_BYTES, Result, Sender, full_url
from bot.ingest import ANY_SOURCE, parse_pairs
from bot.parts import public_url
from bot.settings import Settings
from bot.settings_file import find, secret

app = typer.Typer(no_args_is_help=True, help="Report failures to a running bot.")

PARTIAL = 3
MAX_BYTES = 200_000_000
DEFAULT_URL = "http://127.0.0.1:8080"
DETAIL = 200
"""More results than this are counted, not listed, unless somebody asks for JSON."""


@app.callback()
def group() -> None:
    """Report failures to a running bot."""


@app.command()
def send(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON or JSON lines; - for standard input.")],
    url: Annotated[str | None, typer.Option(help="Where the bot answers; from the settings if unset.")] = None,
    token: Annotated[str | None, typer.Option(help="The ingest token; those of the settings if unset.")] = None,
    patience: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to wait for a bot that is busy.", min=0)
    ] = 60.0,
    json: AsJson = False,
) -> int:
    """Send failure events and print what became of each. Exit 3 if some were refused, 1 if nothing was taken.

    Sending a file twice does no harm: the bot knows events by their id.
    """
    address, tokens = _where(ctx, url, token)
    results: list[Result] = []
    ready: list[tuple[str, Sendable]] = []
    for one in events_in(read_text(file, limit=MAX_BYTES)):
        if isinstance(one, Unreadable):
            results.append(Result(one.where, "", "refused", why=one.reason))
        elif (held := _token_of(one.source, tokens)) is None:
            results.append(Result(one.where, one.id, "refused", why=f"there is no token for the source {one.source!r}"))
        else:
            ready.append((held, one))
    sent, stopped = _send(address, ready, patience)
    _show(results + sent, name=file, json=json)
    if stopped:
        note(f"{stopped}\n{len(ready) - len(sent)} of {len(ready)} events were not sent.")
    taken = sum(result.status != "refused" for result in sent)
    if stopped or taken < len(results) + len(sent):
        return PARTIAL if taken else 1
    return 0


def _send(url: str, ready: list[tuple[str, Sendable]], patience_s: float) -> tuple[list[Result], str]:
    """Send everything, token by token; the results, and in words why it ended early, empty if it did not."""
    results: list[Result] = []
    sender = Sender(url, patience_s=patience_s, waiting=lambda seconds, why: note(f"Waiting {seconds:.0f} s: {why}"))
    try:
        with progress("Sending") as bar:
            for token in dict.fromkeys(held for held, _ in ready):
                for batch in batches([one for held, one in ready if held == token], count=BATCH, size=BODY_BYTES):
                    bar.at(len(results), len(ready))
                    results += sender.send(batch, token)
    except AdapterError as exc:
        return results, str(exc)
    finally:
        sender.close()
    return results, ""


def _show(results: list[Result], *, name: str, json: bool) -> None:
    if json:
        fields = ("where", "event_id", "status", "case", "why")
        as_json([{field: getattr(result, field) for field in fields} for result in results])
        return
    refused = [result for result in results if result.status == "refused"]
    taken = [result for result in results if result.status != "refused"]
    if taken and len(taken) <= DETAIL:
        rows = [(result.event_id, result.status, result.case) for result in taken]
        table(("Event", "Became", "Case"), rows, fixed=("Became", "Case"))
    for result in refused:
        note(f"{name}, {result.where}: {result.why}")
    counted = {status: sum(result.status == status for result in results) for status in _in_order(results)}
    if counted:
        say(", ".join(f"{count} {status}" for status, count in counted.items()))


def _in_order(results: list[Result]) -> list[str]:
    return sorted({result.status for result in results})


def _where(ctx: typer.Context, url: str | None, token: str | None) -> tuple[str, list[tuple[str, str]]]:
    """The address, and the tokens by source. From the settings where they are not given. Raises: ConfigError.

    A machine that only reports failures has no settings; there the variable of the tokens is enough.
    """
    settings: Settings | None = None
    if (url is None or token is None) and find(config_of(ctx), os.environ) is not None:
        settings = settings_of(ctx).settings
    held = secret(settings.ingest, "tokens") if settings else os.environ.get("HANDOFF_INGEST__TOKENS")
    pairs = parse_pairs(held or "", key="ingest.tokens") if token is None else [(ANY_SOURCE, token.strip())]
    if not pairs:
        raise ConfigError("There is no token. Give one with --token, or set HANDOFF_INGEST__TOKENS=source=token, ….")
    if not all(value.isascii() and value.isprintable() and value for _, value in pairs):
        raise typer.BadParameter("a token is printable ASCII", param_hint="--token")
    return full_url(url or (public_url(settings) if settings else DEFAULT_URL)), pairs


def _token_of(source: str, tokens: list[tuple[str, str]]) -> str | None:
    """The source's own token, else the one that stands for every source."""
    by_source = dict(reversed(tokens))
    return by_source.get(source, by_source.get(ANY_SOURCE))
