"""What the operator reads in the log beside the word for why a sign-in was refused: what it means, what to do there.

Written for the log alone, in English and without anything of the person; people read `words.py`.
"""

from collections.abc import Mapping
from typing import Final

from portal.core.signatures import ALGORITHMS
from portal.identity.rules import RefusedError

CLOCKS: Final = "The provider's clock and ours are more than a minute apart, or its answer came late."
SWITCHED: Final = "The provider wants requests in a way that we do not know: switch off signed or encrypted requests"
CLIENT: Final = (
    "The provider does not believe client id and secret: check both, and that the client is registered for one of "
    "client_secret_basic, client_secret_post and client_secret_jwt."
)
BY_REASON: Final[Mapping[str, str]] = {
    "state": "Started in another browser or over 10 minutes ago, or used before; where it happens to all, "
    "the address in the browser is not PORTAL_BASE_URL.",
    "alg": f"Signed with a shared secret, not at all, or as the provider's own description does not list: let it sign "
    f"ID tokens, and userinfo if it signs that, with RS256 or another of {', '.join(ALGORITHMS[1:])}.",
    "encrypted": "The provider encrypts ID tokens or userinfo for this client: switch that off there.",
    "too_long": "The ID token is longer than 32 KiB: let the provider send fewer groups or claims in it.",
    "token": "The provider sent something that is no signed token.",
    "no_id_token": "The provider sent no ID token: let the client have the scope openid.",
    "code": "The provider sent neither a code nor an error: let the client use the response type code.",
    "iss_parameter": "The answer names another issuer than the provider's description.",
    "iss": "The token names another issuer than the provider's description: take the address of one tenant.",
    "aud": "The token is for another client than PORTAL_OIDC_CLIENT_ID.",
    "azp": "The token was made for another client, or for several without saying which asked.",
    "key": "No key of the provider fits the token's key id and algorithm, or several do.",
    "signature": "The token's signature is by no key that the provider publishes.",
    "exp": CLOCKS,
    "iat": CLOCKS,
    "nbf": CLOCKS,
    "auth_time": CLOCKS,
    "sub": "The provider names nobody, or in a way that no database takes: up to 255 printable characters.",
    "not_fresh": "The provider did not ask for the password again, or does not say when it did: it has to heed "
    "prompt=login or max_age, and send auth_time.",
    "userinfo_sub": "ID token and userinfo speak of different people.",
    "declined": "The provider says that this person may not, or did not want to.",
}
BY_WORD: Final[Mapping[str, str]] = {
    "invalid_client": CLIENT,
    "unauthorized_client": f"{CLIENT} It also has to be allowed the authorization code flow.",
    "invalid_scope": "The provider does not know a scope that we asked for: name those it knows in PORTAL_OIDC_SCOPE.",
    "invalid_request": f"{SWITCHED}; those pushed beforehand it may only want from all clients, in its description.",
    "invalid_request_object": f"{SWITCHED}.",
    "request_not_supported": f"{SWITCHED}.",
    "invalid_grant": "The provider does not take the code that it gave: used before, too old, or the client is "
    "registered for proofs of possession (DPoP, mTLS), which has to be switched off.",
    "invalid_dpop_proof": "The client is registered for proofs of possession (DPoP): switch that off.",
    "use_dpop_nonce": "The client is registered for proofs of possession (DPoP): switch that off.",
    "unsupported_response_type": "The client has to be allowed the response type code.",
}
"""By the error that the provider named, whatever step it was."""


def advice(refused: RefusedError) -> dict[str, str]:
    """The line's further fields: the word that the provider used, and what to do, as far as known."""
    told = {"told": refused.told} if refused.told else {}
    sentence = BY_WORD.get(refused.told or "") or BY_REASON.get(refused.reason)
    return told | ({"detail": sentence} if sentence else {})
