"""Sign-in with any conforming OpenID provider: Authlib's client, hardened (S01, S02, S03, S05, S07).

Plain Authlib 1.9.8 accepts an ID token signed with `none` if the provider lists it, and lets discovery replace the
issuer it was given. So Authlib only asks (`registered.py`); what comes back is checked here.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import requests
import structlog
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import Key

from portal.core.config import Settings
from portal.core.signatures import ALGORITHMS
from portal.core.values import TRUSTED
from portal.identity import rules
from portal.identity.actions import Attempt
from portal.identity.provider import Provider, ProviderUnavailableError, Told, ask, json_object
from portal.identity.registered import RegisteredClient
from portal.identity.rules import Claims, Expected, Identity, RefusedError, refuse
from portal.identity.seats import seats_of

log = structlog.get_logger()
LONGEST_TOKEN: Final = 32_768
SIGNED_DOTS, ENCRYPTED_DOTS = 2, 4
"""Of the compact forms (RFC 7515, 3.1; RFC 7516, 3.1)."""
FRESH_SECONDS: Final = int(rules.FRESH_WITHIN.total_seconds())
PROFILE: Final = ("name", "given_name", "family_name", "nickname", "preferred_username", "email", "email_verified")
"""What userinfo may add to the ID token, beside the groups; never when or how somebody signed in."""
SIGNED_USERINFO: Final = "application/jwt"
LONGEST_HINT: Final = 4_000
"""Characters of an ID token that still fit into an address: proxies take 8 KiB of headers and less."""


@dataclass(frozen=True)
class SignedIn:
    """What a completed sign-in proved, and the ID token for the vault and for signing out."""

    identity: Identity
    id_token: str


@dataclass(frozen=True)
class Logout:
    """What a back-channel logout token proved: whose sessions end, and the hash that makes it count once."""

    issuer: str
    subject: str | None
    sid: str | None
    token_hash: bytes


class _Registry(jws.JWSRegistry):
    """joserfc's, without its warning about the name EdDSA (RFC 9864), which providers still use."""

    def get_alg(self, name: str) -> Any:
        refuse("alg", unless=name in ALGORITHMS)
        return self.algorithms[name]


class OidcClient:
    """The portal as a client of one provider, from issuer, client id and secret alone."""

    def __init__(self, settings: Settings) -> None:
        self.provider = Provider(settings.require("oidc_issuer"))
        self._client_id = settings.require("oidc_client_id")
        self._client = RegisteredClient(settings, self.provider)
        self._groups_claim = settings.oidc_groups_claim
        self._role_groups, self._grade_groups = settings.role_groups, settings.grade_groups or {}
        self._place_claims = settings.place_claims or {}
        self._mail_trusted = settings.oidc_mail == TRUSTED
        self._base_url = settings.require("base_url")

    def start(self, attempt: Attempt) -> str:
        """Where to send the browser for this sign-in. Raises RefusedError, ProviderUnavailableError."""
        metadata = self.provider.metadata()
        more = {"max_age": str(FRESH_SECONDS)} if attempt.fresh else {}
        if attempt.fresh and metadata.prompts_login:
            more["prompt"] = "login"
        return self._client.sign_in_address(attempt, **more)

    def complete(self, attempt: Attempt, answer: Claims, now: datetime) -> SignedIn:
        """Check the provider's answer at our callback and redeem its code.

        Raises RefusedError with the reason, ProviderUnavailableError.
        """
        metadata = self.provider.metadata()
        if metadata.names_itself or "iss" in answer:  # RFC 9207
            refuse("iss_parameter", unless=answer.get("iss") == metadata.issuer)
        if "error" in answer:
            raise said_no(answer["error"])
        code = answer.get("code")
        refuse("code", unless=isinstance(code, str) and bool(code))
        tokens = self._client.redeem(str(code), attempt.code_verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        refuse("no_id_token", unless=isinstance(id_token, str))
        header, claims = self.verified(str(id_token))
        rules.check_id_token(header, claims, self._expected(), attempt.nonce, now)
        if isinstance(access_token, str):
            rules.check_access_token_hash(header, claims, access_token)
            claims = self._with_userinfo(claims, access_token)
        auth_time = rules.auth_time_of(claims, fresh=attempt.fresh, prompted=metadata.prompts_login, now=now)
        groups = rules.groups_of(claims, self._groups_claim)
        self._warn_of_groups(claims, groups)
        roles = rules.roles_of(groups, self._role_groups)
        grade = rules.grade_of(groups, self._grade_groups)
        place = rules.place_of(claims, self._place_claims)
        identity = rules.identity_of(claims, roles, auth_time, grade, place, trusted=self._mail_trusted)
        return SignedIn(replace(identity, seats=seats_of(groups, self._role_groups)), str(id_token))

    def _warn_of_groups(self, claims: Claims, groups: list[str]) -> None:
        """Say in the log that groups came in a way that gives nobody a role."""
        if not groups and ("_claim_names" in claims or claims.get("hasgroups")):  # Core 5.6.2: too many, ask elsewhere
            log.warning("groups_elsewhere", consequence="nobody whose groups do not fit into a token has a role")
        if rules.groups_in_one_text(claims, self._groups_claim, self._role_groups):
            log.warning("groups_in_one_text", consequence="several groups have to be a list: these give nobody a role")

    def logout(self, logout_token: str, now: datetime) -> Logout:
        """Check a back-channel logout token. Raises RefusedError, ProviderUnavailableError."""
        header, claims = self.verified(logout_token)
        rules.check_logout_token(header, claims, self._expected(), now)
        digest = hashlib.sha256(f"{claims['iss']}\n{claims['jti']}".encode()).digest()
        return Logout(claims["iss"].rstrip("/"), claims.get("sub"), claims.get("sid"), digest)

    def sign_out_address(self, id_token: str | None) -> str | None:
        """Where signing out goes on at the provider (RP-Initiated Logout 1.0), or None when it offers nothing."""
        end = self.provider.metadata().end_session_endpoint
        if end is None or id_token is None:
            return None
        told = {"client_id": self._client_id, "post_logout_redirect_uri": f"{self._base_url}/signed-out"}
        if len(id_token) <= LONGEST_HINT:
            told = {"id_token_hint": id_token} | told
        return f"{end}{'&' if '?' in end else '?'}{urlencode(told)}"

    def verified(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token whose signature is the provider's. Raises RefusedError."""
        header = unproved_header(token)
        refuse("alg", unless=header.get("alg") in self.provider.metadata().algorithms)
        refuse("header", unless="crit" not in header and isinstance(header.get("kid", ""), str))
        try:
            return header, _claims(token, header, self.provider.key(header))
        except BadSignatureError:
            refuse("signature", unless=self.provider.renew_keys())
        try:
            return header, _claims(token, header, self.provider.key(header))
        except BadSignatureError:
            raise RefusedError("signature") from None

    def _expected(self) -> Expected:
        return Expected(self.provider.metadata().issuer, self._client_id)

    def _with_userinfo(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """The claims, completed by what only userinfo says, if it speaks of the same person (Core 5.3.2)."""
        address = self.provider.metadata().userinfo_endpoint
        enough = rules.groups_of(claims, self._groups_claim) and {"name", "email"} <= claims.keys()
        if address is None or (enough and (self._mail_trusted or "email_verified" in claims)):
            return claims
        try:
            told = self._told(address, access_token)
        except ProviderUnavailableError:
            if not enough:
                raise
            log.warning("userinfo_unavailable", consequence="nothing is said of whether the mail address was checked")
            return claims
        if told is None:
            return claims
        refuse("userinfo_sub", unless=told.get("sub") == claims["sub"])
        named = [self._groups_claim, *self._place_claims.values()]
        if "email" not in claims:
            claims = {name: value for name, value in claims.items() if name != "email_verified"}  # said of no address
        elif told.get("email") != claims["email"]:
            told.pop("email_verified", None)  # it speaks of another address
        wanted = {*PROFILE, *named, *(name.partition(".")[0] for name in named)}
        return {name: value for name, value in told.items() if name in wanted} | claims

    def _told(self, address: str, access_token: str) -> dict[str, Any] | None:
        """What userinfo says, None where it refuses. Raises RefusedError, ProviderUnavailableError."""
        answer = ask(address, access_token)
        if answer.status != requests.codes.ok:
            log.warning("userinfo_refused", status=answer.status, consequence="only the ID token's claims are used")
            return None
        return self._userinfo(answer)

    def _userinfo(self, answer: Told) -> dict[str, Any]:
        """The claims of userinfo, plain or signed (Core 5.3.2). Raises RefusedError, ProviderUnavailableError."""
        if answer.media_type != SIGNED_USERINFO:
            return json_object(answer.body)
        _header, claims = self.verified(answer.body.decode("latin-1").strip())
        rules.check_userinfo(claims, self._expected())
        return claims


def said_no(error: object) -> Exception:
    """What an error in the provider's answer means: it is out of order, this person may not, or we asked wrongly."""
    if error in rules.BUSY:
        return ProviderUnavailableError("the provider says that it cannot sign anybody in now")
    return RefusedError("declined" if error in rules.DECLINED else "provider_error", error)


def _claims(token: str, header: dict[str, Any], key: Key) -> dict[str, Any]:
    """The claims under a signature by `key`. Raises BadSignatureError; RefusedError when it is no token at all."""
    registry = _Registry(algorithms=[header["alg"]], strict_check_header=False)
    try:
        payload = jws.deserialize_compact(token, key, algorithms=[header["alg"]], registry=registry).payload
        claims = json.loads(payload)
    except BadSignatureError:
        raise
    except (JoseError, ValueError, TypeError, RecursionError):
        raise RefusedError("signature") from None
    refuse("claims", unless=isinstance(claims, dict))
    return dict(claims)


def unproved_header(token: str) -> dict[str, Any]:
    """The header of a compact JWS; it only says which key to try. Raises RefusedError."""
    refuse("too_long", unless=len(token) <= LONGEST_TOKEN)
    refuse("encrypted", unless=token.count(".") != ENCRYPTED_DOTS)
    refuse("token", unless=token.count(".") == SIGNED_DOTS)
    part = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise RefusedError("token") from None
    refuse("token", unless=isinstance(header, dict))
    return dict(header)
