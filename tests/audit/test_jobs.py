"""The worker's two bells of the log, the witness's file, and the operator's commands."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from sqlalchemy.orm import Session

from portal.audit.jobs import sequencer, witness
from portal.audit.keys import log_key
from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.notifications.heads import head_mailer
from portal.worker import run
from tests.audit.logs import Log
from wire import checkpoint

ROOT = Path(__file__).resolve().parents[2]
OWN = ("PORTAL_DATABASE_URL", "PORTAL_DB_PASSWORD_WORKER", "PORTAL_LOG_KEY", "PORTAL_BASE_URL")


def command(log: Log, *words: str) -> tuple[int, str]:
    """`python -m portal log …` → exit code and what it said."""
    variables = {name: log.environment[name] for name in OWN} | {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "portal", "log", *words],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_bells_append_and_hand_each_new_checkpoint_to_the_witness(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    settings = replace(log.settings, log_witness=f"file:{file}")
    sequence, hand_out = sequencer(settings), witness(settings)
    for _ in range(2):
        run(log.database, sequence)
        run(log.database, hand_out)
        run(log.database, hand_out)
        log.write(3)
    assert list(checkpoint.notes_in(file.read_text())) == log.notes()[3:]
    with file.open("a") as torn:
        torn.write("\nlocalhost")
    run(log.database, sequence)
    run(log.database, witness(settings))
    assert list(checkpoint.notes_in(file.read_text())) == log.notes()[3:]


class _Machine(BaseHTTPRequestHandler):
    """A second machine that keeps what it is sent; at first it is out of order."""

    kept: ClassVar[list[str]] = []
    broken: ClassVar[bool] = True

    def do_POST(self) -> None:
        note = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self.broken:
            self.kept.append(note)
        self.send_response(503 if self.broken else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_second_machine_gets_each_checkpoint_and_nobody_waits_for_it(log: Log, tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), _Machine) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        addresses = f"http://127.0.0.1:{server.server_port}/heads,file:{tmp_path / 'heads'}"
        hand_out = witness(replace(log.settings, log_witness=addresses))
        run(log.database, hand_out)
        assert _Machine.kept == []
        _Machine.broken = False
        run(log.database, hand_out)
        run(log.database, hand_out)
        server.shutdown()
        thread.join()
    assert _Machine.kept == log.notes()[-1:]
    assert list(checkpoint.notes_in((tmp_path / "heads").read_text())) == log.notes()[-1:]


def test_a_witness_that_cannot_be_reached_gets_the_checkpoint_later(log: Log, tmp_path: Path) -> None:
    folder = tmp_path / "away"
    hand_out = witness(replace(log.settings, log_witness=f"file:{folder / 'heads'}"))
    run(log.database, hand_out)
    folder.mkdir()
    run(log.database, hand_out)
    assert list(checkpoint.notes_in((folder / "heads").read_text())) == log.notes()[-1:]


class _Post:
    """A mail server that keeps what it takes; at first it is out of order."""

    def __init__(self) -> None:
        self.kept: list[tuple[list[str], str]] = []
        self.works = False

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        if not self.works:
            return "451 later"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.kept.append((envelope.rcpt_tos, message_from_bytes(content, policy=SMTP).get_content()))
        return "250 kept"


def test_a_mailbox_gets_the_checkpoint_once_an_hour_at_most(log: Log) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    post = _Post()
    controller = Controller(post, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    settings = replace(log.settings, log_witness="mailto:keeper@council.example", smtp_url=f"smtp://127.0.0.1:{port}")
    hand_out, now = witness(settings, head_mailer(settings)), clock.now()
    try:
        _at(log, hand_out, now)
        assert post.kept == []
        post.works = True
        _at(log, hand_out, now)
        first = log.notes()[-1]
        log.write(1)
        run(log.database, sequencer(settings))
        _at(log, hand_out, now + timedelta(minutes=59))
        assert [(to, list(checkpoint.notes_in(text.replace("\r", "")))) for to, text in post.kept] == [
            (["keeper@council.example"], [first])
        ]
        _at(log, hand_out, now + timedelta(minutes=61))
        assert len(post.kept) == 2
        assert list(checkpoint.notes_in(post.kept[1][1].replace("\r", ""))) == [log.notes()[-1]]
    finally:
        controller.stop()


def _at(log: Log, job: Callable[[Session, datetime], object], moment: datetime) -> None:
    with log.database.transaction("worker") as session:
        job(session, moment)


def test_without_a_mail_server_a_mailbox_gets_nothing_and_the_worker_lives(log: Log) -> None:
    run(log.database, witness(replace(log.settings, log_witness="mailto:keeper@council.example")))


def test_without_a_witness_nothing_is_handed_out(log: Log) -> None:
    run(log.database, witness(log.settings))


def test_a_broken_log_is_not_continued_and_the_worker_lives(log: Log) -> None:
    log.ask("DELETE FROM log_leaf WHERE index = 20")
    run(log.database, sequencer(log.settings))
    assert len(log.notes()) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "PORTAL_LOG_KEY is missing"),
        ("no key", "not a PEM key"),
    ],
)
def test_the_worker_wants_a_key_to_sign_with(environment: dict[str, str], given: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        log_key(Settings.from_env({**environment, "PORTAL_LOG_KEY": given}))


def test_L02_the_command_finds_what_was_changed(log: Log, another: Callable[[], Log], tmp_path: Path) -> None:
    code, note = command(log, "head")
    assert (code, note) == (0, log.notes()[-1])
    kept = tmp_path / "kept"
    kept.write_text(note)
    _, public = command(log, "key")
    code, said = command(log, "verify", "--head", str(kept), "--key", public.strip())
    assert (code, said) == (
        0,
        "The log is whole: 21 entries, 3 checkpoints and 1 kept elsewhere agree; 2 entries wait.\n",
    )
    log.ask("UPDATE audit_entry SET action = 'other' WHERE id = 3")
    code, said = command(log, "verify")
    assert code == 1
    assert "- entry 3 is not what leaf 2 commits to\n" in said
    cut = another()
    cut.ask("TRUNCATE audit_entry, log_leaf, log_node, log_head, log_pending")
    assert command(cut, "verify")[0] == 0
    code, said = command(cut, "verify", "--head", str(kept))
    assert (code, "covers more than the 0 leaves" in said) == (1, True), said
    assert command(cut, "head") == (1, "Error: The log has no checkpoint yet.\n")


def test_a_file_without_a_checkpoint_and_a_wrong_key_are_told(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("nothing")
    code, said = command(log, "verify", "--head", str(file))
    assert (code, "holds no checkpoint" in said) == (1, True), said
    file.write_text(log.notes()[0].replace("\n5\n", "\n6\n"))
    code, said = command(log, "verify", "--head", str(file))
    assert (code, "the signature is wrong" in said) == (1, True), said
    code, said = command(log, "verify", "--key", "a+b+c")
    assert (code, "--key is wrong" in said) == (1, True), said
