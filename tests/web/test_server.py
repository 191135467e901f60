"""The web process as it really runs: gunicorn with our configuration, in a process of its own."""

import json
import os
import re
import runpy
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from portal.core.web.security import FIXED
from portal.operations.ports import free_port
from portal.operations.processes import Service, answers, python, running
from portal.operations.runtime import Runtime
from tests.web.raw_requests import AMBIGUOUS, status_lines

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """Where it listens, and what it wrote."""

    port: int
    log: Path

    @property
    def base(self) -> str:
        """Its address without a slash at the end."""
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, web_environment: dict[str, str]) -> Iterator[Server]:
    runtime, port = Runtime(tmp_path_factory.mktemp("web")), free_port()
    runtime.prepare()
    told = {"PORTAL_BASE_URL": f"http://localhost:{port}", "PORTAL_WEB_BIND": f"127.0.0.1:{port}"}
    service = Service(
        name="web",
        command=python("-m", "gunicorn", "--config", str(CHECKOUT / "gunicorn.conf.py"), "wsgi:app"),
        environment=web_environment | told | {"PORTAL_VAR_DIR": str(runtime.var), "PYTHONPATH": str(CHECKOUT)},
        is_ready=answers(f"http://127.0.0.1:{port}/healthz"),
    )
    with running(service, runtime):
        yield Server(port, runtime.log / "web.log")


@pytest.mark.parametrize(("there", "writable"), [(True, True), (True, False), (False, True)])
def test_workers_show_that_they_live_in_memory_where_that_can_be_written(
    web_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    there: bool,
    writable: bool,
) -> None:
    for name, value in (web_environment | {"PORTAL_VAR_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.setattr(Path, "is_dir", lambda _path: there)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    chosen = runpy.run_path(str(CHECKOUT / "gunicorn.conf.py"))
    assert chosen["worker_tmp_dir"] == (chosen["IN_MEMORY"] if there and writable else None)


def test_it_serves_pages_and_files(server: Server) -> None:
    page = requests.get(f"{server.base}/signed-out", timeout=10)
    assert page.status_code == 200
    assert "See what is captured about you." in page.text
    assert requests.get(f"{server.base}/static/app.css", timeout=10).status_code == 200
    assert requests.get(f"{server.base}/", allow_redirects=False, timeout=10).headers["Location"].startswith("/sign-in")


def test_what_a_client_forwards_counts_for_nothing(server: Server) -> None:
    lies = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "127.0.0.1",
        "Forwarded": "for=127.0.0.1;host=evil.example",
        "SCRIPT_NAME": "/evil",
        "X-Script-Name": "/evil",
    }
    lies["Sec-Fetch-Site"] = "none"  # which is no lie
    answer = requests.get(f"{server.base}/sign-in", headers=lies, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    assert f"redirect_uri=http%3A%2F%2Flocalhost%3A{server.port}%2Fsign-in%2Fcallback" in answer.headers["Location"]
    assert "evil" not in str(answer.headers)
    assert requests.get(f"{server.base}/metrics", headers=lies, timeout=10).status_code == 404


def test_the_counts_of_all_workers_add_up(server: Server) -> None:
    for _ in range(20):
        requests.get(f"{server.base}/nothing", timeout=10)
    time.sleep(0.2)
    text = requests.get(f"{server.base}/metrics", timeout=10).text
    told = re.search(r'^portal_answers_total\{endpoint="none",status="404"\} (\S+)$', text, re.MULTILINE)
    assert told
    assert float(told.group(1)) >= 20


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
        b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(100)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
    ],
)
def test_what_is_no_good_request_is_refused_and_the_server_stays(server: Server, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 4") or answer == b""
    assert requests.get(f"{server.base}/healthz", timeout=10).status_code == 200


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_R06_a_request_with_two_readings_gets_one_answer(server: Server, name: str) -> None:
    told = status_lines(server.port, AMBIGUOUS[name], 0.2)
    assert len(told) <= 1
    assert not told or int(told[0].split()[1]) in {200, 400, 405, 501}
    assert requests.get(f"{server.base}/healthz", timeout=10).status_code == 200


def test_the_log_holds_no_address_and_no_query(server: Server) -> None:
    requests.get(f"{server.base}/data/2026-01-02?context=marker-11aa", allow_redirects=False, timeout=10)
    requests.get(f"{server.base}/marker-11aa", headers={"User-Agent": "marker-11aa"}, timeout=10)
    time.sleep(0.3)
    written = server.log.read_text()
    assert '"endpoint": "capture.day"' in written
    assert "marker-11aa" not in written
    assert "2026-01-02" not in written.replace("timestamp", "")
    assert "127.0.0.1" not in written.split('"event": "answered"')[-1]


@pytest.mark.parametrize("broken", [b"\x16\x03\x01secret-name\r\n\r\n", b"GET /secret-name HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_leaves_one_line_without_its_words(server: Server, broken: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(broken)
        client.recv(4096)
    requests.get(f"{server.base}/healthz", timeout=10)
    written = server.log.read_text()
    assert "secret-name" not in written
    assert "127.0.0.1" not in written.replace(f"127.0.0.1:{server.port}", "")
    assert [line for line in written.splitlines() if "request_malformed" in line]
    assert all(isinstance(json.loads(line), dict) for line in written.splitlines())


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (b"GET /<b>secret-name HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nsecret name: x\r\n\r\n", 400),
        (b"GET /" + b"secret-name" * 500 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"secret-name: x\r\n" * 100 + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: secret-name\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: secret-name\r\nContent-Length: 1\r\n\r\n", 417),
    ],
)
def test_S08_the_answer_to_what_is_no_http_quotes_nothing(server: Server, broken: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(broken)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while more := client.recv(4096):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    told = dict(line.split(": ", 1) for line in lines[1:])
    assert int(lines[0].split()[1]) == status
    assert b"secret" not in answer
    assert FIXED.items() <= told.items()
    assert told["Content-Security-Policy"].startswith("default-src 'none'")
    assert int(told["Content-Length"]) == len(body)
