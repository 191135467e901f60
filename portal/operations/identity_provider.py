"""The demo's and the tests' OpenID provider: Canaille, on this machine only.

What it does, as seen on version 0.3.6; tests/operations/test_identity_provider.py keeps it true:

- `sub` is the user name. `name`, `email`, `groups` stand in the ID token and in userinfo; `groups` is absent, not
  empty, for people in no group. `aud` is a list, and `auth_time` a number with a fraction.
- It demands a nonce and PKCE, signs with RS256, and also announces `none`, which a client must never accept.
- `prompt=login` asks for the password again and renews `auth_time`; so does a sign-in older than `max_age`.
- `end_session_endpoint` leads back only if `client_id` is sent besides `id_token_hint` (a list `aud` names no client
  to it); without the hint it asks the person first. There is no back-channel logout.
- It keeps several people signed in in one browser, the latest in front; `login_hint` is ignored.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.operations.processes import Service, answers, python
from portal.operations.runtime import Runtime, write_private

CLIENT_ID: Final = "daylight"
SCOPES: Final = ["openid", "profile", "email", "groups"]
CHECKOUT: Final = Path(__file__).resolve().parents[2]
RSA_BITS: Final = 2048


def _signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@dataclass(frozen=True)
class IdentityProvider:
    """Canaille under `var/canaille`, serving on `localhost:port` the portal at `portal_url`."""

    runtime: Runtime
    port: int
    portal_url: str

    @property
    def issuer(self) -> str:
        """PORTAL_OIDC_ISSUER."""
        return f"http://localhost:{self.port}"

    @property
    def client_secret(self) -> str:
        """PORTAL_OIDC_CLIENT_SECRET, made on first use and kept."""
        return self.runtime.secret("oidc_client")

    def prepare(self) -> None:
        """Write the configuration; the database, people and keys of an earlier start are kept."""
        self.runtime.prepare()
        self._directory.mkdir(mode=0o700, exist_ok=True)
        content = {"canaille": self._settings(), "client": self._client(), "bind": f"127.0.0.1:{self.port}"}
        write_private(self._config, json.dumps(content, indent=1))

    def service(self) -> Service:
        """How to run it."""
        return Service(
            name="identity-provider",
            command=python("-m", "portal.operations.canaille_server", str(self._config)),
            environment={"PYTHONPATH": str(CHECKOUT), "CANAILLE_CONFIG": str(self._directory / "none.toml")},
            prepare=self.prepare,
            is_ready=answers(f"{self.issuer}/.well-known/openid-configuration"),
        )

    @property
    def _directory(self) -> Path:
        return self.runtime.var / "canaille"

    @property
    def _config(self) -> Path:
        return self._directory / "config.json"

    def _settings(self) -> dict[str, Any]:
        return {
            "SECRET_KEY": self.runtime.secret("canaille"),
            "SERVER_NAME": f"localhost:{self.port}",
            "PREFERRED_URL_SCHEME": "http",
            "SESSION_COOKIE_NAME": f"canaille_{self.port}",
            "CANAILLE": {"NAME": "Daylight demo sign-in", "ENABLE_PASSWORD_RECOVERY": False, "SMTP": None},
            "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{self._directory / 'canaille.sqlite'}"},
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [self.runtime.secret("canaille_rsa", _signing_key)],
                "TRUSTED_DOMAINS": ["localhost", "127.0.0.1"],
            },
        }

    def _client(self) -> dict[str, Any]:
        return {
            "client_id": CLIENT_ID,
            "client_secret": self.client_secret,
            "client_name": "Daylight",
            "client_uri": self.portal_url,
            "redirect_uris": [f"{self.portal_url}/sign-in/callback"],
            "post_logout_redirect_uris": [f"{self.portal_url}/signed-out"],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "scope": SCOPES,
            "token_endpoint_auth_method": "client_secret_basic",
            "id_token_signed_response_alg": "RS256",
        }
