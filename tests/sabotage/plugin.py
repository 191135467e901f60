"""pytest plugin (`-p tests.sabotage.plugin`): loads the sabotage in SABOTAGE_NAME, writes SABOTAGE_OUTCOMES."""

import json
import os
from pathlib import Path

import pytest

from tests.sabotage import framework

_outcomes: dict[str, str] = {}


def pytest_configure() -> None:
    """Break the property before any test module is imported."""
    if name := os.environ.get("SABOTAGE_NAME"):
        framework.apply(framework.find(name))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep how each test ended; a failure counts as red only in the test itself, whatever its tear-down says."""
    if report.when == "call":
        _outcomes[report.nodeid] = report.outcome
    elif report.outcome != "passed" and _outcomes.get(report.nodeid) != "failed":
        _outcomes[report.nodeid] = f"{report.when} {report.outcome}"


def pytest_unconfigure() -> None:
    """Tell the runner."""
    if path := os.environ.get("SABOTAGE_OUTCOMES"):
        Path(path).write_text(json.dumps(_outcomes))
