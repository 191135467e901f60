"""Whatever calls out follows no redirect and believes no certificate that nobody vouches for."""

import asyncio
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collector.clock import SystemClock
from collector.enrolment import Asked as Told
from collector.enrolment import enrol
from collector.state import StateDir, StateError
from portal.core import clock
from portal.core.config import Settings
from portal.identity.provider import Provider, ProviderUnavailableError
from portal.petitions.issuing import BallotUnavailableError, issue
from vault.errors import UnavailableError
from vault.kms.base import KmsUnavailableError
from vault.kms.transit import TransitKms
from vault.provider import Provider as VaultProvider

Asked = list[str]
Call = Callable[[str, Path], object]


def _enrol(server: str, folder: Path) -> object:
    return asyncio.run(enrol(StateDir(folder), SystemClock(), Told(server, "0" * 64, "AAAAA")))


KEYS: dict[str, Any] = {"ballot_key": "ab" * 32, "eligible_key": "cd" * 32}
CALLS: dict[str, tuple[Call, type[Exception]]] = {
    "web to provider": (lambda address, _: Provider(address).metadata(), ProviderUnavailableError),
    "vault to provider": (lambda address, _: VaultProvider(address).keys(None), UnavailableError),
    "vault to transit engine": (
        lambda address, _: TransitKms(f"{address}/key", "token").current(),
        KmsUnavailableError,
    ),
    "collector to gateway": (_enrol, StateError),
    "web to ballot": (
        lambda address, _: issue(Settings(ballot_url=address, **KEYS), UUID(int=1), UUID(int=2), "AAAA"),
        BallotUnavailableError,
    ),
}


@contextmanager
def server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, Asked]]:
    """A server that sends everybody elsewhere; its address and the paths it was asked for."""
    asked: Asked = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_details: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as listening:
        if tls is not None:
            listening.socket = tls.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        yield f"{'https' if tls else 'http'}://localhost:{listening.server_port}", asked
        listening.shutdown()


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for `localhost` that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@pytest.mark.parametrize("name", CALLS)
def test_a_redirect_is_not_followed(name: str, tmp_path: Path) -> None:
    call, error = CALLS[name]
    with server() as (address, asked):
        with pytest.raises(error):
            call(address, tmp_path)
        assert len(asked) == 1
        assert "/elsewhere" not in asked


@pytest.mark.parametrize("name", CALLS)
def test_a_certificate_that_nobody_vouches_for_is_refused(name: str, tmp_path: Path) -> None:
    call, error = CALLS[name]
    with server(own_certificate(tmp_path)) as (address, asked):
        with pytest.raises(error):
            call(address, tmp_path)
        assert asked == []


@pytest.mark.parametrize("name", ["web to provider", "vault to provider", "vault to transit engine"])
def test_a_company_s_own_authority_is_believed_where_it_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, error = CALLS[name]
    with server(own_certificate(tmp_path)) as (address, asked):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "both.pem"))
        with pytest.raises(error):  # it sends everybody elsewhere
            call(address, tmp_path)
        assert len(asked) == 1
