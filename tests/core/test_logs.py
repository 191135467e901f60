"""A log line is one JSON object, and an exception in it is its type and its places, never its text."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from portal.core import logs

SECRET = "Amira Kaya types her password"


@pytest.fixture
def configured() -> Iterator[None]:
    """Our logging, and afterwards what was there before."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.configure("info")
    yield
    root.handlers, root.level = handlers, level


def broken() -> None:
    raise ValueError(SECRET)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_own_lines_and_those_of_libraries_look_alike(capsys: pytest.CaptureFixture[str], configured: None) -> None:
    structlog.get_logger().info("segment_stored", items=3)
    logging.getLogger("some.library").warning("slow: %s", 4)
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["items"], ours["level"]) == ("segment_stored", 3, "info")
    assert (theirs["event"], theirs["level"]) == ("slow: 4", "warning")
    assert str(ours["timestamp"]).endswith("Z")


@pytest.mark.parametrize("writer", ["library", "ours"])
def test_an_exceptions_text_is_never_written(capsys: pytest.CaptureFixture[str], configured: None, writer: str) -> None:
    try:
        broken()
    except ValueError as error:
        if writer == "library":
            logging.getLogger("some.library").exception("it_broke")
        else:
            structlog.get_logger().error("it_broke", exc_info=error)
    (line,) = lines(capsys)
    assert (line["event"], line["error"]) == ("it_broke", "ValueError")
    assert str(line["at"]).endswith(" broken']")
    assert SECRET not in json.dumps(line)


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str], configured: None) -> None:
    structlog.get_logger().debug("details")
    assert lines(capsys) == []
