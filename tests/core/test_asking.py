"""One deadline and one size for every answer of the provider, and a proxy for web and vault alike."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from portal.core import asking
from portal.identity import provider as web
from portal.identity.provider import ProviderUnavailableError
from tests.provider.server import HostileProvider
from vault import provider as vault
from vault.errors import UnavailableError

DRIPS = {
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
}
ASKS: dict[str, tuple[Callable[[str], Any], type[Exception]]] = {
    "web": (lambda address: web.Provider(address).metadata(), ProviderUnavailableError),
    "vault": (lambda address: vault.Provider(address).keys(None), UnavailableError),
}


@pytest.fixture
def idp() -> Iterator[HostileProvider]:
    with HostileProvider().running() as running:
        yield running


class Handler(http.server.BaseHTTPRequestHandler):
    """Nothing of it is written down."""

    def log_message(self, *_details: object) -> None:
        return


@contextmanager
def listening(handler: type[Handler]) -> Iterator[str]:
    """A server on loopback; its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def dripping(beginning: bytes, ends: threading.Event) -> type[Handler]:
    """A byte now and then, so that no wait of the one who asks is ever long."""

    class Drips(Handler):
        def do_GET(self) -> None:
            with suppress(OSError):
                self.wfile.write(beginning)
                for _ in range(200):
                    self.wfile.write(b"1")
                    if ends.wait(0.05):
                        break

    return Drips


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("who", ASKS)
def test_S02_an_answer_that_drips_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch, who: str, drip: str) -> None:
    monkeypatch.setattr(asking, "WITHIN_S", 0.5)
    (ask, error), ends = ASKS[who], threading.Event()
    with listening(dripping(DRIPS[drip], ends)) as address:
        begun = time.monotonic()
        with pytest.raises(error):
            ask(address)
        took = time.monotonic() - begun
        ends.set()
    assert took < asking.TIMEOUT_S


@pytest.mark.parametrize("who", ASKS)
def test_an_answer_without_end_is_not_read_on(who: str) -> None:
    sent = [0]

    class Endless(Handler):
        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with suppress(OSError):
                while sent[0] < 64 * asking.LONGEST_ANSWER:
                    sent[0] += self.wfile.write(b" " * 65536)

    ask, error = ASKS[who]
    with listening(Endless) as address, pytest.raises(error):
        ask(address)
    assert sent[0] < 64 * asking.LONGEST_ANSWER


def test_whoever_uses_the_session_gets_the_whole_answer_within_bounds() -> None:
    class Twice(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])) * 2
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with listening(Twice) as address:
        assert asking.session(address).post(address, data=b'"a"').content == b'"a""a"'
        with pytest.raises(asking.AnswerError):
            asking.session(address).post(address, data=b"a" * asking.LONGEST_ANSWER)


@pytest.mark.parametrize("who", ASKS)
def test_a_proxy_counts_for_web_and_vault_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, idp: HostileProvider, who: str
) -> None:
    through: list[str] = []

    class Proxy(Handler):
        def do_GET(self) -> None:
            through.append(self.path)
            self.send_response(200)
            self.end_headers()
            here = self.path.replace("idp.example", idp.issuer.removeprefix("http://"))
            self.wfile.write(asking.session(here).get(here).content.replace(idp.issuer.encode(), b"http://idp.example"))

    ask, error = ASKS[who]
    with listening(Proxy) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy)
        ask("http://idp.example")
        assert through[0] == "http://idp.example/.well-known/openid-configuration"
        through.clear()
        ask(idp.issuer)
        monkeypatch.setenv("NO_PROXY", "idp.example")
        with pytest.raises(error):
            ask("http://idp.example")
        assert through == []
