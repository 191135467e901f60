"""What the portal asks of the provider as the client that is registered there: a sign-in, and tokens for a code.

Authlib does PKCE, the proof of the client and the requests; what comes back is checked in `oidc.py`.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from portal.core import asking
from portal.core.config import Settings
from portal.identity.actions import Attempt
from portal.identity.client_secret import BASIC, JWT, REFUSALS, auth_methods, encoded_basic, signed_jwt
from portal.identity.provider import Provider, ProviderUnavailableError, json_object, why
from portal.identity.rules import RefusedError, refuse

Answer = TypeVar("Answer")
PUSHED: Final = "pushed_authorization_request_endpoint"


class RegisteredClient:
    """The portal under its client id, with its secret, at one provider."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self._provider = provider
        self._client_id = settings.require("oidc_client_id")
        self._secret = settings.oidc_client_secret
        self._scope = settings.oidc_scope
        self._redirect_uri = f"{settings.require('base_url')}/sign-in/callback"
        self._way: str | None = None
        """How the provider last believed that it was us."""

    def sign_in_address(self, attempt: Attempt, **more: str) -> str:
        """Where the browser signs in. Raises RefusedError, ProviderUnavailableError."""
        metadata = self._provider.metadata()
        with self._session(self._ways()[0], metadata.token_endpoint) as session:
            url, _state = session.create_authorization_url(
                metadata.authorization_endpoint,
                state=attempt.state,
                code_verifier=attempt.code_verifier,
                nonce=attempt.nonce,
                **more,
            )
        pushed = metadata.raw.get("require_pushed_authorization_requests") is True
        return self._pushed(str(url)) if pushed else str(url)

    def redeem(self, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for a code. Raises RefusedError, ProviderUnavailableError."""
        return self._by_one_way(lambda way: self._tokens(code, verifier, way))

    def _pushed(self, address: str) -> str:
        """The address of a sign-in whose request the provider is handed beforehand, where it wants that (RFC 9126)."""
        asked = dict(parse_qsl(urlsplit(address).query))
        answer = self._by_one_way(lambda way: self._push(asked, way))
        name = answer.get("request_uri")
        refuse("pushed_request", unless=isinstance(name, str) and bool(name))
        told = urlencode({"client_id": self._client_id, "request_uri": name})
        end = self._provider.metadata().authorization_endpoint
        return f"{end}{'&' if '?' in end else '?'}{told}"

    def _by_one_way(self, attempt: Callable[[str], Answer]) -> Answer:
        """What `attempt` gives; where our way to prove who asks is refused, the provider's other ways are tried."""
        *others, last = sorted(self._ways(), key=lambda way: way != self._way)
        for way in others:
            try:
                return self._kept(attempt, way)
            except RefusedError as refused:
                if refused.told not in REFUSALS:
                    raise
        return self._kept(attempt, last)

    def _kept(self, attempt: Callable[[str], Answer], way: str) -> Answer:
        answer = attempt(way)
        self._way = way
        return answer

    def _tokens(self, code: str, verifier: str, way: str) -> dict[str, Any]:
        address = self._provider.metadata().token_endpoint
        try:
            with self._session(way, address) as session:
                tokens = session.fetch_token(
                    address, grant_type="authorization_code", code=code, code_verifier=verifier, allow_redirects=False
                )
        except OAuthError as error:
            raise RefusedError("token_endpoint", error.error) from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise ProviderUnavailableError(f"the provider's token endpoint {why(error)}") from error
        return dict(tokens)

    def _push(self, asked: dict[str, str], way: str) -> dict[str, Any]:
        metadata = self._provider.metadata()
        address = metadata.raw.get(PUSHED)
        schemes = {"https", urlsplit(metadata.token_endpoint).scheme}
        if not isinstance(address, str) or urlsplit(address).scheme not in schemes:
            raise ProviderUnavailableError(f"the provider wants requests beforehand and has no {PUSHED}")
        try:
            with self._session(way, address) as session:
                answer = session.post(
                    address, data=asked, auth=session.client_auth(way), withhold_token=True, allow_redirects=False
                )
        except (requests.RequestException, OSError, ValueError) as error:
            raise ProviderUnavailableError(f"the provider's {PUSHED} {why(error)}") from error
        if answer.status_code >= requests.codes.server_error:
            raise ProviderUnavailableError(f"the provider's {PUSHED} answers {answer.status_code}")
        said = json_object(answer.content)
        if "error" in said or not answer.ok:
            raise RefusedError("pushed_request", said.get("error"))
        return said

    def _ways(self) -> tuple[str, ...]:
        offered = self._provider.metadata().raw.get("token_endpoint_auth_methods_supported")
        return auth_methods(self._client_id, self._secret, offered)

    def _session(self, way: str, address: str) -> Any:
        metadata = self._provider.metadata()
        session = OAuth2Session(
            self._client_id,
            self._secret,
            scope=self._scope or wanted_scope(metadata.raw.get("scopes_supported")),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=way,
        )
        session.register_client_auth_method((BASIC, encoded_basic))
        session.register_client_auth_method((JWT, signed_jwt(metadata.raw)))
        return asking.bounded(session, address)


def wanted_scope(offered: Any) -> str:
    """What to ask for: some providers refuse a scope they do not list, others list none (Discovery 1.0, 3)."""
    wished = ("openid", "profile", "email", "groups")
    if not isinstance(offered, list):
        return " ".join(wished[:3])
    return " ".join(scope for scope in wished if scope == "openid" or scope in offered)
