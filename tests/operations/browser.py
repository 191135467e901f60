"""A person at Canaille's sign-in pages, without a browser: follows links, fills in forms."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwk, jwt

from portal.operations.identity_provider import CLIENT_ID, SCOPES, IdentityProvider


@dataclass
class Person:
    """Signs in at `provider` as `user`; keeps cookies between requests."""

    provider: IdentityProvider
    user: str
    password: str = ""
    http: requests.Session = field(default_factory=requests.Session)

    def authorize(self, **extra: str) -> dict[str, str]:
        """Walk from the authorization endpoint to the redirect back; gives its parameters and what was sent."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        sent = {"state": secrets.token_urlsafe(16), "nonce": secrets.token_urlsafe(16), **extra}
        query = sent | {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": f"{self.provider.portal_url}/sign-in/callback",
            "scope": " ".join(SCOPES),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        reply = self.http.get(f"{self.provider.issuer}/oauth/authorize", params=query, allow_redirects=False)
        return self._follow(reply) | {"sent_nonce": sent["nonce"], "sent_state": sent["state"], "verifier": verifier}

    def exchange(self, code: str, verifier: str) -> requests.Response:
        """The code for tokens, as the portal would ask."""
        return requests.post(
            f"{self.provider.issuer}/oauth/token",
            auth=(CLIENT_ID, self.provider.client_secret),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": f"{self.provider.portal_url}/sign-in/callback",
            },
            timeout=10,
        )

    def sign_in(self, **extra: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The whole flow; gives the token reply and the ID token's verified claims."""
        back = self.authorize(**extra)
        assert back["state"] == back["sent_state"]
        tokens = self.exchange(back["code"], back["verifier"]).json()
        keys = jwk.KeySet.import_key_set(requests.get(f"{self.provider.issuer}/oauth/jwks.json", timeout=10).json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
        assert token.claims["nonce"] == back["sent_nonce"]
        return tokens, token.claims

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """What the userinfo endpoint says."""
        headers = {"Authorization": f"Bearer {access_token}"}
        reply = requests.get(f"{self.provider.issuer}/oauth/userinfo", headers=headers, timeout=10)
        return dict(reply.json())

    def _follow(self, reply: requests.Response) -> dict[str, str]:
        """Follow redirects and fill in the sign-in form until the provider sends us back to the portal."""
        self.forms = 0
        for _ in range(12):
            if reply.is_redirect:
                target = requests.compat.urljoin(reply.url, reply.headers["Location"])
                if target.startswith(self.provider.portal_url):
                    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                reply = self.http.get(target, allow_redirects=False)
            else:
                reply = self._submit(reply)
        raise AssertionError(f"no way back from {reply.url}")

    def _submit(self, page: requests.Response) -> requests.Response:
        assert page.status_code == 200, page.text
        self.forms += 1
        data = dict(re.findall(r'name="(csrf_token)"[^>]*value="([^"]+)"', page.text))
        if 'name="password"' in page.text:
            data["password"] = self.password or f"{self.user}-demo"
        elif 'name="login"' in page.text:
            data["login"] = self.user
        else:
            raise AssertionError(f"an unexpected page: {page.url}")
        return self.http.post(page.url, data=data, allow_redirects=False)
