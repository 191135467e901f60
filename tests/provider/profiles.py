"""How well-known identity providers differ where the standard lets them: what each lists, says, leaves out and wants.

Made from their public documentation; each still checks PKCE, the secret and the single use of codes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.provider.server import Behaviour, Claims


@dataclass(frozen=True)
class Profile:
    """`path`: the rest of the issuer; `person`: extra claims of somebody in HR; `settings`: what we are told of it.

    `ends`: whether signing out is told to it; `name`: what the person is called; `role`: whether HR is seen.
    """

    behaviour: Callable[[], Behaviour]
    path: str = ""
    person: Claims = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    ends: bool = True
    name: str = "Hana Vogel"
    role: bool = True


def without(*names: str) -> Callable[[Claims], Claims]:
    """The claims without some of them."""
    return lambda claims: {name: value for name, value in claims.items() if name not in names}


def _keycloak() -> Behaviour:
    """Issuer with a path, `azp` and `sid`, roles in an object, keys for encryption among the others."""
    encryption = {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc", "n": "AQAB", "e": "AQAB"}
    certified = {"x5c": ["MIIC"], "x5t": "t", "x5t#S256": "t"}
    return Behaviour(
        claims=lambda claims: claims | {"azp": claims["aud"], "acr": "1", "session_state": claims["sid"]},
        published=lambda keys: [encryption, *(key | certified for key in keys)],
        metadata={
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid", "profile", "email", "roles", "offline_access"],
            "backchannel_logout_supported": True,
        },
        scopes=frozenset({"openid", "profile", "email", "roles", "offline_access"}),
        answer={"session_state": "4a1f"},
    )


def _entra() -> Behaviour:
    """Issuer of a tenant, groups as ids, secret in the form first, nothing of who or when but what was asked for."""
    return Behaviour(
        claims=lambda claims: without("auth_time", "sid")(claims) | {"ver": "2.0", "nbf": claims["iat"], "uti": "x"},
        userinfo=without("groups"),
        published=lambda keys: [
            {name: value for name, value in key.items() if name != "alg"} | {"issuer": "tenant"} for key in keys
        ],
        metadata={
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": None,
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "name", "email"],
        },
        scopes=frozenset({"openid", "profile", "email", "offline_access"}),
        answer={"iss": None, "session_state": "b2"},
    )


def _okta() -> Behaviour:
    """Groups only with the scope of that name and only in userinfo, `amr` and `idp` besides."""
    return Behaviour(
        groups_in_token=False,
        claims=lambda claims: without("name", "email")(claims) | {"amr": ["pwd"], "idp": "00o", "ver": 1},
        metadata={
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone", "offline_access", "groups"],
            "authorization_response_iss_parameter_supported": True,
        },
        secret_ways=("client_secret_basic", "client_secret_post"),
    )


def _google() -> Behaviour:
    """No groups, no way to sign out, no `sid`, no `auth_time`, keys elsewhere, `prompt=login` unknown."""
    return Behaviour(
        groups_in_token=False,
        auth_time=False,
        userinfo=without("groups"),
        claims=lambda claims: (
            without("sid")(claims) | {"azp": claims["aud"], "email_verified": True, "hd": "x.example"}
        ),
        metadata={
            "end_session_endpoint": None,
            "prompt_values_supported": ["none", "consent", "select_account"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "scopes_supported": ["openid", "email", "profile"],
            "id_token_signing_alg_values_supported": ["RS256"],
        },
        answer={"scope": "openid email profile", "authuser": "0", "prompt": "none", "hd": "x.example"},
        scopes=frozenset({"openid", "email", "profile"}),
    )


def _minimal() -> Behaviour:
    """What the standard demands and nothing more: no list of anything, one key without id, no userinfo, no name."""
    return Behaviour(
        auth_time=False,
        claims=without("sid", "name", "email", "groups", "at_hash"),
        published=lambda keys: [{name: keys[0][name] for name in ("kty", "n", "e")}],
        metadata={
            "end_session_endpoint": None,
            "userinfo_endpoint": None,
            "authorization_response_iss_parameter_supported": None,
            "id_token_signing_alg_values_supported": ["RS256"],
        },
        answer={"iss": None},
        secret_ways=("client_secret_basic",),
        scopes=frozenset({"openid", "profile", "email"}),
    )


def _auth0() -> Behaviour:
    """Issuer that ends with a slash; groups under a name that is an address."""
    return Behaviour(
        metadata={
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "scopes_supported": ["openid", "profile", "email", "name"],
        },
        secret_ways=("client_secret_post",),
    )


def _zitadel() -> Behaviour:
    """Several in `aud`, roles as the names in an object, userinfo as a signed token."""
    return Behaviour(
        claims=lambda claims: without(ROLES)(claims) | {"aud": [claims["aud"], "project"], "azp": claims["aud"]},
        signed_userinfo=True,
        algorithm="EdDSA",
        metadata={"id_token_signing_alg_values_supported": ["EdDSA", "RS256", "ES256"]},
    )


def _hydra() -> Behaviour:
    """Refuses every scope that it does not list, and lists none of ours but one."""
    return Behaviour(
        groups_in_token=False,
        userinfo=without("groups"),
        metadata={"scopes_supported": ["offline_access", "offline", "openid"]},
        scopes=frozenset({"offline_access", "offline", "openid"}),
        algorithm="ES256",
    )


ROLES: Final = "urn:zitadel:iam:org:project:roles"
GROUP_ID: Final = "8f9f0f3c-1c1e-4b0e-9a0e-1f7d3a5f1b11"
HR: Final[Claims] = {"groups": ["HR team"]}
PROFILES: Final[dict[str, Profile]] = {
    "keycloak-like": Profile(
        _keycloak,
        path="/realms/the-firm",
        person={"realm_access": {"roles": ["offline_access", "HR team"]}},
        settings={"PORTAL_OIDC_GROUPS_CLAIM": "realm_access.roles"},
    ),
    "entra-like": Profile(
        _entra,
        path="/0f6c1d7e-6f0e-4a94-9b8e-5ad7d4e9c6a1/v2.0",
        person={"groups": [GROUP_ID]},
        settings={"PORTAL_ROLE_GROUPS": f"hr={GROUP_ID}"},
    ),
    "okta-like": Profile(_okta, path="/oauth2/default", person=HR),
    "google-like": Profile(_google, person=HR, ends=False, role=False),
    "minimal": Profile(_minimal, ends=False, name="hana", role=False),
    "auth0-like": Profile(
        _auth0,
        path="/",
        person={"https://firm.example/groups": "HR team"},
        settings={"PORTAL_OIDC_GROUPS_CLAIM": "https://firm.example/groups"},
    ),
    "zitadel-like": Profile(
        _zitadel,
        person={ROLES: {"HR team": {"1": "firm.example"}}},
        settings={"PORTAL_OIDC_GROUPS_CLAIM": ROLES},
    ),
    "hydra-like": Profile(_hydra, path="/", person=HR, role=False),
}


def settings_of(profile: Profile, issuer: str) -> dict[str, Any]:
    """What the portal is told of a provider with this profile, besides client id and secret."""
    return {"PORTAL_OIDC_ISSUER": issuer, **profile.settings}
