"""The frame of every page the bot shows in a browser: templates that escape, and headers that allow no script."""

from collections.abc import Mapping
from functools import cache

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}


@cache
def templates() -> Environment:
    """The templates in `bot/templates`. What they are given is escaped; a name they are not given is an error."""
    return Environment(
        loader=PackageLoader("bot", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def page(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page that loads nothing but our style sheet and runs no script."""
    return Response(html, status, {**HEADERS, **(headers or {})}, media_type="text/html; charset=utf-8")
