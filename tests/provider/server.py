"""An OpenID provider on a real socket that can be told to lie in every way a test needs.

Well-behaved until told otherwise: PKCE, client authentication and single-use codes are really checked, so that a client
that left one out would fail here.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, redirect, request
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from werkzeug.serving import make_server

from tests.provider.clients import CLIENT_ID, CLIENT_SECRET, way_of

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Asked", "Behaviour", "Claims", "HostileProvider", "query_of"]
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
SIGNERS: Final = {"RS384": "RS256", "RS512": "RS256", "PS384": "RS256", "PS512": "RS256", "Ed25519": "EdDSA"}
"""Algorithms by the key of another one."""
HASHES: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}

Claims = dict[str, Any]


def _same(claims: Claims) -> Claims:
    return claims


@dataclass
class Behaviour:
    """How the provider answers; the defaults are those of a good one."""

    algorithm: str = "RS256"
    header: Claims = field(default_factory=dict)
    claims: Callable[[Claims], Claims] = _same
    userinfo: Callable[[Claims], Claims] = _same
    groups_in_token: bool = True
    id_token: bool = True
    auth_time: bool = True
    public_client: bool = False
    secret_ways: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    scopes: frozenset[str] | None = None
    signed_userinfo: bool = False
    userinfo_status: int = 200
    published: Callable[[list[Claims]], list[Any]] = list
    metadata: Claims = field(default_factory=dict)
    answer: Claims = field(default_factory=dict)
    key: str = "own"
    tamper: Callable[[str], str] = str
    pushed_only: bool = False
    """Whether requests for a sign-in have to be handed over beforehand (RFC 9126)."""
    brokered: bool = False
    """Whether browsers are led on to another origin first, as where people prove themselves somewhere else."""


@dataclass
class Asked:
    """One authorization request, as the browser brought it."""

    parameters: dict[str, str]
    subject: str
    auth_time: float


class HostileProvider:
    """The provider, its people, and its `behaviour`, which a test changes."""

    def __init__(self, path: str = "") -> None:
        self.behaviour = Behaviour()
        self.people: dict[str, Claims] = {}
        self.subject = ""
        self.asked: list[Asked] = []
        self.token_requests: list[dict[str, str]] = []
        self.ended: list[dict[str, str]] = []
        self._codes: dict[str, Asked] = {}
        self._pushed: dict[str, dict[str, str]] = {}
        self._access: dict[str, str] = {}
        self._rsa = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
        self.keys: dict[str, Key] = {
            "RS256": self._rsa,
            "PS256": RSAKey.generate_key(2048, {"kid": "pss", "use": "sig", "alg": "PS256"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
            "ES384": ECKey.generate_key("P-384", {"kid": "ec384", "use": "sig"}),
            "ES512": ECKey.generate_key("P-521", {"kid": "ec521", "use": "sig"}),
            "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
        }
        self.stranger = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
        self._path = path.rstrip("/")
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://localhost:{self._server.server_port}{path}"

    @contextmanager
    def running(self) -> Iterator["HostileProvider"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def add(self, subject: str, **claims: Any) -> str:
        """Somebody with an account here, now signed in at this provider."""
        self.people[subject] = {
            "sub": subject,
            "name": subject.title(),
            "email": f"{subject}@daylight.example",
            "email_verified": True,
        } | claims
        self.subject = subject
        return subject

    def id_token(self, subject: str, nonce: str, auth_time: float, access_token: str = "") -> str:
        """An ID token as the behaviour says."""
        now = int(time.time())
        claims: Claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": nonce}
        claims |= {"sid": f"sid-{subject}"} | self.people[subject]
        if self.behaviour.auth_time:
            claims["auth_time"] = auth_time
        if access_token:
            claims["at_hash"] = _half(self.behaviour.algorithm, access_token)
        if not self.behaviour.groups_in_token:
            claims.pop("groups", None)
        return self.sign(self.behaviour.claims(claims))

    def logout_token(self, **changed: Any) -> str:
        """A back-channel logout token; a claim set to None is left out."""
        now = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
        }
        claims |= {"events": {LOGOUT_EVENT: {}}} | changed
        return self.sign({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")

    def sign(self, claims: Claims, typ: str = "JWT") -> str:
        """A compact JWS over the claims: honest, foreign, symmetric or with no signature at all."""
        algorithm = self.behaviour.algorithm
        named = {"none": "none", "unsigned": "RS256"}.get(algorithm, algorithm)
        signer = SIGNERS.get(algorithm, algorithm)
        kid = self.keys[signer].kid if signer in self.keys else "rsa"
        signed = f"{_part({'alg': named, 'typ': typ, 'kid': kid} | self.behaviour.header)}.{_part(claims)}"
        return self.behaviour.tamper(f"{signed}.{_encoded(self._signature(algorithm, signed.encode()))}")

    def _signature(self, algorithm: str, signed: bytes) -> bytes:
        if algorithm in {"none", "unsigned"}:
            return b""
        if algorithm == "HS256":  # the public key as a shared secret (RFC 8725, 2.1)
            return hmac.digest(self._rsa.as_pem(private=False), signed, "sha256")
        key = self.stranger if self.behaviour.key == "stranger" else self.keys[SIGNERS.get(algorithm, algorithm)]
        return bytes(jws.JWSRegistry.algorithms[algorithm].sign(signed, key))

    def _app(self) -> Flask:
        app, path = Flask("provider"), self._path
        app.add_url_rule(f"{path}/.well-known/openid-configuration", "about", self._about)
        app.add_url_rule(f"{path}/jwks", "jwks", self._jwks)
        app.add_url_rule(f"{path}/authorize", "authorize", self._authorize)
        app.add_url_rule(f"{path}/par", "par", self._push, methods=["POST"])
        app.add_url_rule(f"{path}/token", "token", self._token, methods=["POST"])
        app.add_url_rule(f"{path}/userinfo", "userinfo", self._userinfo)
        app.add_url_rule(f"{path}/end-session", "end", self._end_session)
        return app

    def _jwks(self) -> Claims:
        return {"keys": self.behaviour.published([key.as_dict(private=False) for key in self.keys.values()])}

    def _elsewhere_first(self) -> bool:
        return self.behaviour.brokered and request.host.startswith("localhost:")

    def _end_session(self) -> Response:
        if self._elsewhere_first():
            return _at_another_origin()
        self.ended.append(request.args.to_dict())
        return redirect(request.args["post_logout_redirect_uri"])  # type: ignore[return-value]

    def _about(self) -> Claims:
        base = self.issuer.rstrip("/")
        said: Claims = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "userinfo_endpoint": f"{base}/userinfo",
            "end_session_endpoint": f"{base}/end-session",
            "id_token_signing_alg_values_supported": [*self.keys, *SIGNERS, "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        if self.behaviour.pushed_only:
            said["require_pushed_authorization_requests"] = True
            said["pushed_authorization_request_endpoint"] = f"{base}/par"
        said |= self.behaviour.metadata
        return {name: value for name, value in said.items() if value is not None}

    def _authorize(self) -> Response:
        if self._elsewhere_first():
            return _at_another_origin()
        parameters = request.args.to_dict()
        if self.behaviour.pushed_only:
            parameters = self._pushed.pop(parameters["request_uri"])
        asked = Asked(parameters, self.subject, time.time() - (0 if "prompt" in parameters else 7200))
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer: Claims = {"code": code, "state": asked.parameters["state"], "iss": self.issuer} | self.behaviour.answer
        scopes = set(asked.parameters["scope"].split())
        if self.behaviour.scopes is not None and not scopes <= self.behaviour.scopes:
            answer |= {"code": None, "error": "invalid_scope"}
        answer = {name: value for name, value in answer.items() if value is not None}
        return redirect(f"{asked.parameters['redirect_uri']}?{urlencode(answer)}")  # type: ignore[return-value]

    def _push(self) -> tuple[Claims, int]:
        given = request.form.to_dict()
        if not self._client_is_right(given):
            return {"error": "invalid_client"}, 401
        name = f"urn:ietf:params:oauth:request_uri:{secrets.token_hex(8)}"
        self._pushed[name] = given
        return {"request_uri": name, "expires_in": 60}, 201

    def _token(self) -> tuple[Claims, int]:
        given = request.form.to_dict()
        self.token_requests.append(given)
        if not self._client_is_right(given):
            return {"error": "invalid_client"}, 401
        asked = self._codes.pop(given.get("code", ""), None)
        if (
            asked is None
            or not _pkce(asked.parameters, given)
            or given.get("redirect_uri") != asked.parameters["redirect_uri"]
        ):
            return {"error": "invalid_grant"}, 400
        access = secrets.token_urlsafe(16)
        self._access[access] = asked.subject
        tokens: Claims = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        if self.behaviour.id_token:
            tokens["id_token"] = self.id_token(
                asked.subject, asked.parameters.get("nonce", ""), asked.auth_time, access
            )
        return tokens, 200

    def _client_is_right(self, given: dict[str, str]) -> bool:
        way = way_of(given, request.authorization, request.base_url)
        return way == "none" if self.behaviour.public_client else way in self.behaviour.secret_ways

    def _userinfo(self) -> Response:
        subject = self._access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if not subject or self.behaviour.userinfo_status != 200:
            return Response("no", 401 if not subject else self.behaviour.userinfo_status)
        claims = self.behaviour.userinfo(dict(self.people[subject]))
        if self.behaviour.signed_userinfo:
            return Response(self.sign({"iss": self.issuer, "aud": CLIENT_ID} | claims), mimetype="application/jwt")
        return Response(json.dumps(claims), mimetype="application/json")


def _at_another_origin() -> Response:
    """The same address under the machine's other name, which is another origin to every browser."""
    return redirect(request.url.replace("localhost", "127.0.0.1", 1))  # type: ignore[return-value]


def _half(algorithm: str, access_token: str) -> str:
    """What an ID token says of the access token beside it (Core 3.1.3.6)."""
    digest = HASHES.get(algorithm[2:], hashlib.sha256)(access_token.encode()).digest()
    return _encoded(digest[: len(digest) // 2])


def _pkce(asked: dict[str, str], given: dict[str, str]) -> bool:
    digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
    return asked.get("code_challenge_method") == "S256" and asked.get("code_challenge") == _encoded(digest)


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _part(value: Claims) -> str:
    return _encoded(json.dumps(value).encode())


def query_of(address: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
