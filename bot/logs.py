"""One event, one line: structured logs on standard error, redacted again on their way out.

Everything goes through the standard library's handler, so that lines of libraries pass the same redaction. Line breaks
and control characters inside values are escaped: nobody outside can write a line of our log.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from automations.redact import Redactor

WARNING = logging.WARNING
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}


def configure(redactor: Redactor, *, as_json: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set logging up for the whole process. `as_json` for machines, else `key=value` for people."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=True)
        if as_json
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    )

    def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.pop("_record", None)
        event.pop("_from_structlog", None)
        safe: EventDict = redactor.tree(dict(event))
        if not as_json:
            safe = {k: v.translate(_CONTROL) if isinstance(v, str) else v for k, v in safe.items()}
        return safe

    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[clean, last], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("apscheduler", "slack_sdk", "slack_bolt", "slack_bolt.App", "httpx", "uvicorn", "alembic"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
