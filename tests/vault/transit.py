"""A small real HTTP server with the transit engine's API (developer.hashicorp.com/vault/api-docs/secret/transit).

The engine itself cannot be installed from a package registry; this one follows its documented rules for one
`aes256-gcm96` key: versions, `min_decryption_version`, `min_available_version`, associated data, tokens, JSON errors.
"""

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.transit-token"
MOUNT, KEY = "transit", "employees"


class RefusalError(Exception):
    """An error answer of the engine."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(*errors)
        self.status, self.errors = status, errors


class Engine:
    """One key and its versions. `delay_s` lets it hang, `broken` answers 503 as a sealed engine does."""

    def __init__(self) -> None:
        self.versions = {1: AESGCM.generate_key(256)}
        self.made = {1: int(time.time())}
        self.min_decryption, self.min_encryption, self.min_available = 1, 0, 0
        self.delay_s = 0.0
        self.broken = False

    def handle(self, method: str, path: str, token: str | None, body: dict[str, Any]) -> dict[str, Any] | None:
        """The `data` of the answer, None for 204. Raises RefusalError."""
        time.sleep(self.delay_s)
        if self.broken:
            raise RefusalError(503, "Vault is sealed")
        if token != TOKEN:
            raise RefusalError(403, "permission denied")
        match method, path.removeprefix(f"/v1/{MOUNT}/").split("/"):
            case "GET", ["keys", name] if name == KEY:
                return self.about()
            case "POST", ["encrypt", name] if name == KEY:
                return self.encrypt(_bytes(body, "plaintext"), _bytes(body, "associated_data"))
            case "POST", ["decrypt", name] if name == KEY:
                return self.decrypt(body["ciphertext"], _bytes(body, "associated_data"))
            case "POST", ["keys", name, "rotate"] if name == KEY:
                self.versions[self.latest + 1] = AESGCM.generate_key(256)
                self.made[self.latest] = int(time.time())
                return self.about()
            case "POST", ["keys", name, "config"] if name == KEY:
                return self.configure(**body)
            case "POST", ["keys", name, "trim"] if name == KEY:
                self.trim(body["min_available_version"])
                return None
        raise RefusalError(404)

    @property
    def latest(self) -> int:
        """The newest version."""
        return max(self.versions)

    def about(self) -> dict[str, Any]:
        """What reading the key answers."""
        return {
            "name": KEY,
            "type": "aes256-gcm96",
            "latest_version": self.latest,
            "min_available_version": self.min_available,
            "min_decryption_version": self.min_decryption,
            "min_encryption_version": self.min_encryption,
            "keys": {str(n): self.made[n] for n in self.versions if n >= self.min_decryption},
        }

    def encrypt(self, plaintext: bytes, associated: bytes) -> dict[str, Any]:
        """Under the newest version."""
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(self.versions[self.latest]).encrypt(nonce, plaintext, associated)
        text = f"vault:v{self.latest}:{base64.b64encode(sealed).decode()}"
        return {"ciphertext": text, "key_version": self.latest}

    def decrypt(self, ciphertext: str, associated: bytes) -> dict[str, Any]:
        """Under the version that the ciphertext names, if it may still be used."""
        _, version, text = ciphertext.split(":")
        number, sealed = int(version[1:]), base64.b64decode(text)
        if number < self.min_decryption:
            raise RefusalError(400, "ciphertext or signature version is disallowed by policy (too old)")
        if number not in self.versions:
            raise RefusalError(400, "invalid ciphertext: version is too new")
        try:
            plain = AESGCM(self.versions[number]).decrypt(sealed[:12], sealed[12:], associated)
        except InvalidTag:
            raise RefusalError(400, "cipher: message authentication failed") from None
        return {"plaintext": base64.b64encode(plain).decode()}

    def configure(self, min_decryption_version: int, min_encryption_version: int) -> dict[str, Any]:
        """Raise (or lower again) what may still be used."""
        if not max(1, self.min_available) <= min_decryption_version <= self.latest:
            raise RefusalError(400, "cannot set min decryption version")
        self.min_decryption, self.min_encryption = min_decryption_version, min_encryption_version
        return self.about()

    def trim(self, version: int) -> None:
        """Delete the versions before `version` for good."""
        if self.min_encryption == 0:
            raise RefusalError(
                400, "minimum available version cannot be set when minimum encryption version is not set"
            )
        if version > self.min_decryption or version > self.min_encryption:
            raise RefusalError(400, "minimum available version cannot be greater")
        self.min_available = version
        self.versions = {number: key for number, key in self.versions.items() if number >= version}


def _bytes(body: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(body.get(name, ""), validate=True)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._do("GET")

    def do_POST(self) -> None:
        self._do("POST")

    def _do(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        engine: Engine = self.server.engine  # type: ignore[attr-defined]
        try:
            data = engine.handle(method, self.path, self.headers.get("X-Vault-Token"), body)
        except RefusalError as refusal:
            self._send(refusal.status, {"errors": refusal.errors})
        else:
            self._send(204 if data is None else 200, None if data is None else {"data": data})

    def _send(self, status: int, value: dict[str, Any] | None) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_arguments: Any) -> None:
        """A client that gave up on a slow answer is no error here."""


@contextmanager
def running() -> Iterator[tuple[Engine, str]]:
    """An engine that answers on loopback, and the address of its key."""
    server = _Server(("127.0.0.1", 0), _Handler)
    engine = server.engine = Engine()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield engine, f"http://127.0.0.1:{server.server_port}/{KEY}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
