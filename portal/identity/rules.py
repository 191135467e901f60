"""What a sign-in may claim, decided without network, database or clock (S01, S02, S03, S05, S07).

Sources: OpenID Connect Core 1.0 (3.1.3.7), Back-Channel Logout 1.0 (2.6), RFC 8725, RFC 9207, RFC 9068 (`at+jwt`).
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from portal.core.plain import printable
from portal.core.values import AT, Groups
from wire.places import place_name

SKEW: Final = timedelta(seconds=30)
AHEAD: Final = timedelta(seconds=60)
"""By how much the provider's clock may be before ours."""
SIGNIN_WITHIN: Final = timedelta(minutes=10)
FRESH_WITHIN: Final = timedelta(minutes=15)
LOGOUT_WITHIN: Final = timedelta(minutes=5)
NEVER: Final = datetime.fromtimestamp(0, UTC)
"""The time of a sign-in whose provider does not say when it asked for the password: never fresh."""
HASHES: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
"""The hash in an algorithm's name, behind its two letters."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_PATH: Final = 2000
LONGEST_NAME: Final = 200
LONGEST_ID: Final = 255
LONGEST_EMAIL: Final = 320
DECLINED: Final = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "login_required",
        "unmet_authentication_requirements",
    }
)
"""Errors with which a provider says that this person did not sign in (RFC 6749, 4.1.2.1; Core 3.1.2.6)."""
BUSY: Final = frozenset({"server_error", "temporarily_unavailable"})
STAFF: Final = "staff"
"""The grade of whoever is in the group of no other, as in portal.core.values."""

SLUG: Final = re.compile(r"[a-z_]{1,40}")

Claims = Mapping[str, Any]


class RefusedError(Exception):
    """A sign-in or a logout is refused; `reason` is a slug for the log, never shown and never personal.

    `told`: the error that the provider named, if it is one word.
    """

    def __init__(self, reason: str, told: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.told = told if isinstance(told, str) and SLUG.fullmatch(told) else None


@dataclass(frozen=True)
class Expected:
    """What a token must say to be meant for us."""

    issuer: str
    client_id: str


@dataclass(frozen=True)
class Place:
    """Where somebody works: what policies, stops and statistics tell people apart by."""

    site: str | None
    department: str | None
    country: str | None


@dataclass(frozen=True)
class Identity:
    """Who signed in, as the checked claims say. `claimed`: an address nobody has checked; `seats`: see seats_of."""

    issuer: str
    subject: str
    name: str
    email: str | None
    roles: frozenset[str]
    conflict: bool
    sid: str | None
    auth_time: datetime
    grade: str | None = None
    place: Place | None = None
    claimed: str | None = None
    seats: tuple[str, ...] = ()


def refuse(reason: str, *, unless: bool) -> None:
    """Raise RefusedError with `reason` unless the condition holds."""
    if not unless:
        raise RefusedError(reason)


def moment(claims: Claims, name: str, reason: str) -> datetime:
    """A NumericDate claim. Raises RefusedError when it is missing or no number."""
    value = claims.get(name)
    refuse(reason, unless=isinstance(value, int | float) and not isinstance(value, bool))
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusedError(reason) from None


def check_id_token(header: Claims, claims: Claims, expected: Expected, nonce: str, now: datetime) -> None:
    """Raise RefusedError unless the token, whose signature is checked already, is an ID token for this sign-in."""
    refuse("typ", unless=str(header.get("typ", "JWT")).upper() in {"JWT", "ID_TOKEN+JWT"})
    refuse("typ", unless="events" not in claims)
    _check_common(claims, expected)
    refuse("nonce", unless=claims.get("nonce") == nonce)
    refuse("exp", unless=moment(claims, "exp", "exp") + SKEW > now)
    refuse("iat", unless=now - SIGNIN_WITHIN - SKEW < moment(claims, "iat", "iat") <= now + AHEAD)
    if "nbf" in claims:
        refuse("nbf", unless=moment(claims, "nbf", "nbf") <= now + AHEAD)
    if "auth_time" in claims:
        refuse("auth_time", unless=moment(claims, "auth_time", "auth_time") <= now + AHEAD)
    refuse("sub", unless=_is_text(claims.get("sub")))


def check_access_token_hash(header: Claims, claims: Claims, access_token: str) -> None:
    """Raise RefusedError when the ID token names another access token (Core 3.1.3.6); for EdDSA no hash is agreed."""
    hashed = HASHES.get(str(header.get("alg", ""))[2:])
    if "at_hash" in claims and hashed is not None:
        digest = hashed(access_token.encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        refuse("at_hash", unless=claims["at_hash"] == half)


def check_userinfo(claims: Claims, expected: Expected) -> None:
    """Raise RefusedError when signed userinfo, whose signature is checked already, is somebody else's (Core 5.3.2)."""
    audience = claims.get("aud", expected.client_id)
    refuse("userinfo_iss", unless=claims.get("iss", expected.issuer) == expected.issuer)
    refuse("userinfo_aud", unless=expected.client_id in (audience if isinstance(audience, list) else [audience]))
    refuse("userinfo_typ", unless="events" not in claims and "nonce" not in claims)


def check_logout_token(header: Claims, claims: Claims, expected: Expected, now: datetime) -> None:
    """Raise RefusedError unless the token, whose signature is checked already, is a logout token for us."""
    refuse("typ", unless=str(header.get("typ", "JWT")).upper() in {"JWT", "LOGOUT+JWT"})
    _check_common(claims, expected)
    events = claims.get("events")
    refuse("events", unless=isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict))
    refuse("nonce", unless="nonce" not in claims)
    issued = moment(claims, "iat", "iat")
    refuse("iat", unless=now - LOGOUT_WITHIN < issued <= now + AHEAD)
    refuse("exp", unless=moment(claims, "exp", "exp") + SKEW > now)
    refuse("jti", unless=_is_text(claims.get("jti"), LONGEST_PATH))
    named = [name for name in ("sub", "sid") if name in claims]
    refuse("sub", unless=bool(named) and all(_is_text(claims[name]) for name in named))


def _check_common(claims: Claims, expected: Expected) -> None:
    refuse("iss", unless=claims.get("iss") == expected.issuer)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    refuse("aud", unless=expected.client_id in audiences)
    refuse("azp", unless=len(audiences) == 1 or "azp" in claims)
    refuse("azp", unless=claims.get("azp", expected.client_id) == expected.client_id)


def _is_text(value: Any, longest: int = LONGEST_ID) -> bool:
    """Printable and not empty: neither NUL nor half a surrogate, which no database takes."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def auth_time_of(claims: Claims, *, fresh: bool, prompted: bool, now: datetime) -> datetime:
    """When the person proved who they are. A provider that does not say is believed only after `prompt=login` (S07).

    `fresh`: a fresh sign-in was asked for; `prompted`: and the provider knows `prompt=login`.
    """
    if "auth_time" in claims:
        proved = moment(claims, "auth_time", "auth_time")
        refuse("not_fresh", unless=not fresh or now - proved <= FRESH_WITHIN)
        return min(proved, now)
    refuse("not_fresh", unless=not fresh or prompted)
    return now if fresh else NEVER


def groups_of(claims: Claims, name: str) -> list[str]:
    """The groups under the claim `name`; a dotted name also leads into nested objects (`realm_access.roles`).

    One group may stand alone as a text; some providers list roles as the names of objects.
    """
    found = _claim(claims, name)
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return [group for group, value in found.items() if isinstance(value, dict)]
    return [group for group in found if isinstance(group, str)] if isinstance(found, list) else []


def _claim(claims: Claims, name: str) -> Any:
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    return found


def place_of(claims: Claims, place_claims: Mapping[str, str]) -> Place | None:
    """Where the claims say that the person works; None where the installation reads it from none."""
    if not place_claims:
        return None
    said = {part: _claim(claims, name) for part, name in place_claims.items()}
    texts = {part: value for part, value in said.items() if isinstance(value, str) and len(value) <= LONGEST_ID}
    known = {part: place_name(value) or None for part, value in texts.items() if "\0" not in value}
    return Place(known.get("site"), known.get("department"), place_name((known.get("country") or "").upper()) or None)


def roles_of(groups: Iterable[str], role_groups: Groups) -> tuple[frozenset[str], bool]:
    """The roles these groups give, and whether they conflict: in both HR and the works council means neither (S07)."""
    held = set(groups)
    roles = frozenset(role.partition(AT)[0] for role, giving in role_groups.items() if held.intersection(giving))
    both = {"hr", "works_council"}
    return (roles - both, True) if both <= roles else (roles, False)


def groups_in_one_text(claims: Claims, name: str, role_groups: Groups) -> bool:
    """Whether the claim is a text that holds a role's group among other words. It counts for nothing: a group's own
    name may have commas and spaces, and whoever may name groups could write another's into it.
    """
    found = _claim(claims, name)
    named = {group for giving in role_groups.values() for group in giving}
    return isinstance(found, str) and found not in named and any(group in found for group in named)


def grade_of(groups: Iterable[str], grade_groups: Groups) -> str | None:
    """The first grade with a group among these, else STAFF; None where no grades are told apart."""
    held = set(groups)
    found = (grade for grade, giving in grade_groups.items() if held.intersection(giving))
    return next(found, STAFF) if grade_groups else None


def identity_of(
    claims: Claims,
    roles: tuple[frozenset[str], bool],
    auth_time: datetime,
    grade: str | None = None,
    place: Place | None = None,
    *,
    trusted: bool = False,
) -> Identity:
    """The person the checked claims name; a provider that gives no name gives at least a subject."""
    sid, (email, claimed) = claims.get("sid"), mail_of(claims, trusted=trusted)
    return Identity(
        issuer=claims["iss"].rstrip("/"),  # as in the settings, by which the directory names people
        subject=claims["sub"],
        name=name_of(claims),
        email=email,
        roles=roles[0],
        conflict=roles[1],
        sid=sid if _is_text(sid) else None,
        auth_time=auth_time,
        grade=grade,
        place=place,
        claimed=claimed,
    )


def mail_of(claims: Claims, *, trusted: bool) -> tuple[str | None, str | None]:
    """The mail address that is the person's, and one that they only claim. `trusted`: theirs if nothing is said."""
    email, verified = claims.get("email"), claims.get("email_verified")
    if not _is_text(email, LONGEST_EMAIL):
        return None, None
    proved = str(verified).lower() == "true" or (trusted and verified is None)  # some write it as a text
    return (email, None) if proved else (None, email)


def name_of(claims: Claims) -> str:
    """What to call the person: the name, else its parts, else what the provider has that names somebody."""
    parts = [claims[key] for key in ("given_name", "family_name") if isinstance(claims.get(key), str)]
    others = [claims.get(key) for key in ("preferred_username", "nickname", "email", "upn", "unique_name", "sub")]
    for given in [claims.get("name"), " ".join(parts), *others]:
        shown = printable(given) if isinstance(given, str) else ""
        if shown:
            return shown[:LONGEST_NAME]
    return "?"


def local_path(wished: str | None) -> str:
    """A path on this site that a sign-in may lead to; anything else is the start."""
    if not wished or len(wished) > LONGEST_PATH or not wished.isprintable() or "\\" in wished:
        return "/"
    parts = urlsplit(wished)
    inside = wished.startswith("/") and not wished.startswith("//") and not parts.scheme and not parts.netloc
    return wished if inside else "/"
