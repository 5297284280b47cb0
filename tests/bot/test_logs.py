"""One event, one line, and no secret: whatever stands in values, messages, tracebacks, and lines of libraries."""

import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.redact import MASK, Redactor
from bot import logs

HELD = "held-secret-0123456789"
INJECTIONS = (
    "a\nlevel=error event=forged", "a\r\nb", "\x1b[31mred\x1b[0m", 'quote" , "level": "error', "\u2028line", "\u2029p",
    "\x85next", "\x0b\x0c\x1c\x1d\x1e", "\u202egnp.exe", "} {", "a=b c=d", "\x00", "\ud800", "%s %d", "\\n", "'\"'",
)  # fmt: skip
Written = io.StringIO


@pytest.fixture(params=["json", "words"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(form: str) -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.configure(Redactor([HELD]), as_json=form == "json", level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)


def refuse(why: str) -> None:
    raise RuntimeError(why)


def lines(written: io.StringIO) -> list[str]:
    """What was written, cut wherever any reader might see a line's end."""
    text = written.getvalue()
    assert text.endswith("\n") or not text
    return text[:-1].splitlines() if text else []


@pytest.mark.parametrize("hostile", INJECTIONS, ids=ascii)
def test_a_hostile_text_stays_one_line_wherever_it_stands(written: io.StringIO, form: str, hostile: str) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER") and not hostile.isprintable() and "\ud800" in hostile:
        pytest.skip("the channel between test processes cannot carry a lone surrogate; it is tested without -n")
    log = structlog.get_logger("room")
    log.info("plain", value=hostile)
    log.info("nested", value={"deep": [hostile, {hostile: hostile}]})
    log.info(hostile)
    logging.getLogger("library").warning("said %s", hostile)
    logging.getLogger("library").warning("more", extra={"given": hostile})
    log.warning("object", value=ValueError(hostile))
    try:
        refuse(hostile)
    except RuntimeError:
        log.exception("broke", value=hostile)
        logging.getLogger("library").exception("broke too")
    found = lines(written)
    assert len(found) == 8
    assert all(line.isprintable() for line in found)
    if form == "json":
        assert [json.loads(line)["level"] for line in found] == ["info"] * 3 + ["warning"] * 3 + ["error"] * 2
        assert json.loads(found[0])["value"] == hostile
    else:
        assert all(line.startswith("timestamp=") for line in found)
        assert not any(" level=error event=forged" in line.partition("'")[0] for line in found)


def test_no_secret_leaves_in_values_messages_objects_or_tracebacks(written: io.StringIO) -> None:
    log, library = structlog.get_logger("room"), logging.getLogger("library")

    class Holder:
        def __repr__(self) -> str:
            return f"Holder({HELD})"

    said = f"said {HELD}"
    log.info(said, value=HELD, nested={"list": [HELD, {"password": "hunter2"}]}, token="xoxb-1234567890-abc")
    log.warning("object", value=Holder(), error=ConnectionError(f"https://user:{HELD}@db.example"), raw=HELD.encode())
    log.warning("positional %s", HELD)
    library.warning("posting with %s and %r", HELD, {"authorization": f"Bearer {HELD}"})
    library.warning("an extra", extra={"holder": Holder()})
    try:
        refuse(f"refused {HELD}")
    except RuntimeError:
        log.exception("broke")
        library.exception("broke too")
    logging.getLogger("py.warnings").warning("old way of %s", HELD)
    text = written.getvalue()
    assert len(lines(written)) == 8
    assert HELD not in text
    assert "hunter2" not in text
    assert "xoxb-1234567890" not in text
    assert text.count(MASK) >= 12
    assert text.count("Traceback") == 2


def test_warnings_of_libraries_are_lines_too(written: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"two\nlines and {HELD}", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    (line,) = lines(written)
    assert HELD not in line
    assert "UserWarning" in line


def test_a_line_that_cannot_be_written_says_so_without_what_it_held(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = [one for one in logging.getLogger().handlers if isinstance(one, logs._Handler)]
    monkeypatch.setattr(logging.getLogger(), "handlers", ours)  # the test runner's own ones raise

    class Broken:
        def __repr__(self) -> str:
            raise ValueError(HELD)

    logging.getLogger("library").warning("%d", HELD)
    structlog.get_logger("room").warning("x", value=Broken())
    found = lines(written)
    assert len(found) == 2
    assert all("log_line_lost" in line and HELD not in line for line in found)


def test_a_value_that_holds_itself_ends(written: io.StringIO) -> None:
    loop: list[Any] = []
    loop.append(loop)
    structlog.get_logger("room").info("loop", value=loop)
    assert len(lines(written)) == 1


def test_people_see_plain_words_bare_and_everything_else_quoted() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure(Redactor(), as_json=False, stream=stream)
        structlog.get_logger("room").info("bot.started", http="127.0.0.1:8080", note="two words", count=3, none=None)
    finally:
        root.handlers[:], root.level = before
        logging.captureWarnings(capture=False)
    line = stream.getvalue()
    assert " level=info event=bot.started " in line
    assert line.endswith("http=127.0.0.1:8080 note='two words' count=3 none=None logger=room\n")


def test_libraries_are_quiet_below_a_warning() -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure(Redactor(), as_json=True, stream=stream)
        for name in ("slack_sdk.web", "httpx", "apscheduler.scheduler", "uvicorn.error"):
            logging.getLogger(name).info("chatter")
    finally:
        root.handlers[:], root.level = before
        logging.captureWarnings(capture=False)
    assert stream.getvalue() == ""


def test_a_library_that_brought_its_own_way_out_loses_it(written: io.StringIO) -> None:
    past, uvicorn = io.StringIO(), logging.getLogger("uvicorn")
    uvicorn.addHandler(logging.StreamHandler(past))
    uvicorn.propagate = False
    logs.configure(Redactor([HELD]), as_json=True, stream=written)
    logging.getLogger("uvicorn.error").warning("asked with %s", HELD)
    assert past.getvalue() == ""
    assert len(lines(written)) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.text(), VALUES)
def test_any_event_is_one_line(written: io.StringIO, message: str, value: Any) -> None:
    written.seek(0)
    written.truncate()
    structlog.get_logger("room").info(message, value=value)
    logging.getLogger("library").warning("%s", message, extra={"given": value})
    assert len(lines(written)) == 2
