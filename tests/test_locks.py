"""What is installed is what was looked at: exact versions, by hash, from lists that name no index (R07)."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.sabotage.framework import ROOT

LISTS = ("requirements", "requirements-collector", "requirements-demo", "requirements-dev", "requirements-hive")
SHORT = {"requirements-hive"}
PINNED = re.compile(r"^[a-z0-9._-]+(\[[a-z0-9,._ -]+\])?==\S+( ; .+?)? \\$", re.IGNORECASE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def blocks(name: str) -> list[list[str]]:
    """The lines of each package, without comments."""
    found: list[list[str]] = []
    for line in (ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


@pytest.mark.parametrize("name", LISTS)
def test_R07_every_package_has_one_version_and_its_hashes(name: str) -> None:
    packages = blocks(name)
    assert len(packages) > (1 if name in SHORT else 10)
    for first, *rest in packages:
        assert PINNED.match(first), first
        assert rest, first
        assert all(HASH.match(line) for line in rest), first


@pytest.mark.parametrize("name", LISTS)
def test_R07_the_lists_hold_what_is_asked_for(name: str) -> None:
    asked = re.findall(r"^([A-Za-z0-9._-]+)", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {first.partition("==")[0].partition("[")[0].lower().replace("_", "-") for first, *_ in blocks(name)}
    wanted = {package.lower().replace("_", "-") for package in asked if not package.startswith("-")}
    assert wanted <= listed


def test_R07_everything_is_installed_by_hash() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if re.search(r"\bpip install\b|\$\(INSTALL\)", line)]
    assert len(installs) > 3
    assert all("--require-hashes" in line or "$(INSTALL)" in line for line in installs), installs


def test_what_is_downloaded_stays_inside_the_checkout() -> None:
    shown = "shown: ; @echo $$PIP_CACHE_DIR $$UV_CACHE_DIR $$RUSTUP_HOME; echo '$(INSTALL)'"
    command = ["make", "--no-print-directory", f"--eval={shown}", "shown"]
    elsewhere = os.environ | {"PIP_CACHE_DIR": "/elsewhere", "UV_CACHE_DIR": "/elsewhere", "TMPDIR": "/elsewhere"}
    done = subprocess.run(command, cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=True)
    caches, install = done.stdout.splitlines()
    temporary = re.findall(r'\bTMPDIR="(\S+)" .* -m pip install', install)
    assert [Path(path).parent for path in (*caches.split(), *temporary)] == 4 * [ROOT / ".venv" / "downloads"]
