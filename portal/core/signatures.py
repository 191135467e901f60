"""Which signatures of the identity provider are believed: those made with a private key, by a fitting key (S02).

Never `none` and never a shared secret (RFC 8725, 3.1). Web and vault both look here, each with keys it fetched itself.
"""

from typing import Any, Final

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

_NONE: Final = frozenset({None})
_EDWARDS: Final = frozenset({"Ed25519", "Ed448"})
KINDS: Final[dict[str, tuple[type[Key], frozenset[Any]]]] = {
    "RS256": (RSAKey, _NONE),
    "RS384": (RSAKey, _NONE),
    "RS512": (RSAKey, _NONE),
    "PS256": (RSAKey, _NONE),
    "PS384": (RSAKey, _NONE),
    "PS512": (RSAKey, _NONE),
    "ES256": (ECKey, frozenset({"P-256"})),
    "ES384": (ECKey, frozenset({"P-384"})),
    "ES512": (ECKey, frozenset({"P-521"})),
    "EdDSA": (OKPKey, _EDWARDS),
    "Ed25519": (OKPKey, frozenset({"Ed25519"})),
}
"""Algorithm → its kind of key, and the curves (RFC 7518, 3.1; RFC 8037; RFC 9864)."""
ALGORITHMS: Final = tuple(KINDS)


def usable(advertised: Any) -> list[str]:
    """Our algorithms that the provider names too; RS256 when it has no list (Discovery 1.0)."""
    named = advertised if isinstance(advertised, list) else ["RS256"]
    return [name for name in ALGORITHMS if name in named]


def fits(key: Key, algorithm: str) -> bool:
    """Whether this key may have made a signature by this algorithm, one of ALGORITHMS."""
    kind, curves = KINDS[algorithm]
    meant = key.alg in {None, algorithm}
    return isinstance(key, kind) and meant and key.as_dict(private=False).get("crv") in curves
