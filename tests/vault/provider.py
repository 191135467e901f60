"""A small real identity provider over HTTP: discovery and keys, and tokens as good or as bad as a test wants them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from portal.core import clock

CLIENT = "daylight"


class AnyAlgorithm(jws.JWSRegistry):
    """Signs with whatever algorithm is asked for, also a forbidden one."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]

    def check_header(self, header: dict[str, Any]) -> None:
        """Anything goes."""


class Provider:
    """Keys by algorithm; `published` is what the key set shows, `about` what discovery says."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys: dict[str, Key] = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "PS256": RSAKey.generate_key(2048, {"kid": "pss"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
            "ES384": ECKey.generate_key("P-384", {"kid": "ec384"}),
            "ES512": ECKey.generate_key("P-521", {"kid": "ec521"}),
            "ES256K": ECKey.generate_key("secp256k1", {"kid": "k1"}),
            "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
        }
        self.published = list(self.keys.values())
        self.about: dict[str, Any] = {"issuer": issuer, "jwks_uri": f"{issuer}/jwks.json"}
        self.key_requests = 0

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """Claims of a good token for `subject`; a change to None leaves the claim out."""
        now = int(clock.now().timestamp())
        good = {"iss": self.issuer, "sub": subject, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": uuid4().hex}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, claims: dict[str, Any], algorithm: str = "RS256", key: Key | None = None, **header: Any) -> str:
        """The signed token."""
        key = key or self.keys[algorithm]
        protected = {"alg": algorithm, "kid": key.kid} | header
        protected = {name: value for name, value in protected.items() if value is not None}
        registry = AnyAlgorithm(strict_check_header=False)
        return jws.serialize_compact(protected, json.dumps(claims), key, algorithms=[algorithm], registry=registry)

    def answer(self, path: str) -> dict[str, Any] | None:
        """The document at `path`."""
        if path == "/.well-known/openid-configuration":
            return self.about
        if path == "/jwks.json":
            self.key_requests += 1
            return {"keys": [_public(key) for key in self.published]}
        return None


def _public(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=isinstance(key, OctKey)))


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.server.provider.answer(self.path)  # type: ignore[attr-defined]
        body = json.dumps(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""
