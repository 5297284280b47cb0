"""One event, one line: structured logs on standard error, redacted again on their way out.

Everything goes through the standard library's handler, so that lines of libraries pass the same redaction. Values
are made plain before that, exceptions and other objects too, so that nothing is rendered which was not redacted. Line
breaks and other signs that do not print are escaped: nobody outside can write a line of our log, or a pair of one.
"""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from automations.redact import Redactor

WARNING = logging.WARNING
_DEEPEST = 20
_FIRST = ("timestamp", "level", "event")
_BARE = re.compile(r"[\w.:/@%+,-]+", re.ASCII)
_QUIET = ("apscheduler", "slack_sdk", "slack_bolt", "slack_bolt.App", "httpx", "uvicorn", "uvicorn.error", "alembic")


def configure(redactor: Redactor, *, as_json: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set logging up for the whole process. `as_json` for machines, else `key=value` for people."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]

    def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.pop("_record", None)
        event.pop("_from_structlog", None)
        safe: EventDict = redactor.tree(_plain(event, 0))
        return safe

    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=True) if as_json else _pairs
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[clean, last], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        library = logging.getLogger(name)
        library.setLevel(max(level, logging.WARNING))
        library.handlers[:] = []  # one that brought a way of its own would pass redaction by
        library.propagate = True
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """Says in one line that a line could not be written; the library would print what it was given, unredacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        kind = sys.exc_info()[0]
        self.stream.write(
            f"level=error event=log_line_lost logger={record.name!r} error={getattr(kind, '__name__', '')}\n"
        )


def _plain(value: Any, depth: int) -> Any:
    """The value in JSON's terms, so that redaction sees every text that will be rendered."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if depth < _DEEPEST and isinstance(value, dict):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, depth + 1) for inner in value]
    return repr(value)


def _pairs(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """`key=value` pairs; whatever is not a plain word is quoted, with everything that does not print escaped."""
    names = [*(name for name in _FIRST if name in event), *(name for name in event if name not in _FIRST)]
    return " ".join(f"{_word(name)}={_word(event[name])}" for name in names)


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if _BARE.fullmatch(text) else repr(text)
