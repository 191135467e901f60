"""What the collector never calls takes no memory, and is still there for who asks."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FINDS = """
import json, sys
from collector import lean
lean.defer()
import collector.cli
from collector import sensitivity
found = sensitivity.find("the key is AKIAIOSFODNN7EXAMPLE", frozenset())
unused = {"found": [one.name for one in found], "urllib3": "urllib3" in sys.modules}
import requests
print(json.dumps(unused | {"asked": requests.Session().__class__.__module__, "then": "urllib3" in sys.modules}))
"""


def test_modules_that_nobody_calls_are_not_loaded_until_somebody_asks() -> None:
    told = subprocess.run([sys.executable, "-c", FINDS], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert json.loads(told) == {"found": ["credentials"], "urllib3": False, "asked": "requests.sessions", "then": True}


def test_the_command_lets_them_wait() -> None:
    """`-X importtime` names every module that is loaded."""
    command = [sys.executable, "-X", "importtime", "-m", "collector", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stderr
    loaded = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert "collector.cli" in loaded
    assert not loaded & {"requests", "urllib3", "pydoc"}
