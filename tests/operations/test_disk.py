"""What is wrong with a disk is one sentence at the terminal; a full one ends nothing that still runs."""

import errno
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.operations import processes, start, supervisor
from portal.operations.processes import Service, python
from portal.operations.runtime import Runtime
from portal.operations.supervisor import Supervisor, _Child

WAITS = Service("waits", python("-c", "import time; time.sleep(600)"))


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def demo(var: Path) -> tuple[int, str]:
    done = CliRunner(env={"PORTAL_VAR_DIR": str(var)}).invoke(main, ["demo"], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "A disk is full; free some space and start again."),
        (errno.EACCES, "This account may not write or read /srv/var/log;"),
        (errno.EROFS, "/srv/var/log lies on a disk that cannot be written;"),
    ],
)
def test_what_the_operator_can_mend_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fails(_environ: object) -> None:
        raise OSError(code, "why", "/srv/var/log")

    monkeypatch.setattr(start, "run_demo", fails)
    status, told = demo(tmp_path)
    assert status == 1
    assert told.startswith(f"Error: {words}")
    assert told.count("\n") == 1


def test_any_other_error_keeps_its_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_environ: object) -> None:
        raise OSError(errno.EBADF, "why")

    monkeypatch.setattr(start, "run_demo", fails)
    with pytest.raises(OSError, match="why"):
        demo(tmp_path)


def test_a_file_where_a_directory_should_be_is_named(tmp_path: Path) -> None:
    there = tmp_path / "var"
    there.touch()
    for var in (there, there / "within"):
        status, told = demo(var)
        assert status == 1
        assert f"Error: {var} is not a directory, or lies in something that is none" in told


def test_two_first_starts_at_once_do_not_mix_their_secrets(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    with Supervisor(runtime).session():
        status, told = demo(tmp_path)
        assert status == 1
        assert f"Daylight already runs from {tmp_path}" in told
    assert list(runtime.secrets.iterdir()) == []


def test_a_process_that_cannot_be_noted_does_not_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    monkeypatch.setattr(processes, "remember", full)
    with pytest.raises(OSError, match="No space"):
        processes.launch(WAITS, runtime)
    assert [one for one in psutil.Process().children() if "time.sleep(600)" in " ".join(one.cmdline())] == []


def test_a_process_that_cannot_be_started_on_a_full_disk_is_tried_again_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    monkeypatch.setattr(supervisor, "launch", full)
    ended = subprocess.Popen(["true"])
    ended.wait()
    child = _Child(WAITS, ended, time.monotonic(), due=0.0)
    Supervisor(runtime)._start_again(child)
    assert child.due
    assert "No space left on device; starting it again in 0.5 s." in capsys.readouterr().out
