"""The log as a machine reads it: one event, one line."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from automations.redact import Redactor
from bot import logs


@contextmanager
def one_line_for_each() -> Iterator[list[str]]:
    """Log for machines inside, into the list. Fails where an event is not one line of JSON of its own."""
    root, before, shape = logging.getLogger(), logging.getLogger().handlers[:], structlog.get_config()
    level, stream, lines, events = root.level, io.StringIO(), list[str](), list[str]()

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            events.append(record.name)

    logs.configure(Redactor(), as_json=True, stream=stream)
    root.addHandler(Counting())
    try:
        yield lines
    finally:
        root.handlers[:], root.level = before, level
        structlog.configure(**shape)
    lines += stream.getvalue().splitlines()  # at every sign that some reader ends a line at
    assert len(lines) == len(events), (len(lines), len(events))
    assert [line for line in lines if not isinstance(json.loads(line), dict)] == []
