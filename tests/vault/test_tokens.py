"""ID tokens, good and forged, checked with a real provider's keys; and the tickets they give."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from portal.core.vault_client import TicketRefused, VaultClient
from tests.cast import make_person
from tests.vault import arrange
from tests.vault.arrange import Insider, Superuser, start_session
from tests.vault.provider import CLIENT, Provider, running
from vault import provider as vault_provider
from vault.errors import TokenRefusedError, UnavailableError
from vault.tokens import TokenCheck

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)  # any moment: the check is told the time
SECONDS = int(NOW.timestamp())


@pytest.fixture
def idp() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def check(idp: Provider) -> TokenCheck:
    return TokenCheck(vault_provider.Provider(idp.issuer), CLIENT)


SIGNERS = {"RS512": "PS256", "PS384": "PS256", "Ed25519": "EdDSA"}


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", *SIGNERS])
def test_a_good_token_tells_who_signed_in(idp: Provider, check: TokenCheck, algorithm: str) -> None:
    key = idp.keys[SIGNERS.get(algorithm, algorithm)]
    who = check.identity(idp.token(claims(idp, "amira"), algorithm, key), NOW)
    assert (who.issuer, who.subject) == (idp.issuer, "amira")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "ami\0ra"},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": SECONDS - 31},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": float("nan")},
        {"iat": SECONDS + 61},
        {"iat": SECONDS - 631},
        {"iat": None},
        {"nbf": SECONDS + 61},
        {"nonce": None},
        {"nonce": ""},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ],
    ids=str,
)
def test_S03_a_token_with_a_wrong_claim_is_refused(idp: Provider, check: TokenCheck, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefusedError):
        check.identity(idp.token(claims(idp, "amira", **changes)), NOW)


def test_S03_half_a_minute_of_difference_is_forgiven(idp: Provider, check: TokenCheck) -> None:
    assert check.identity(idp.token(claims(idp, "amira", exp=SECONDS - 28)), NOW).subject == "amira"
    assert check.identity(idp.token(claims(idp, "amira", iat=SECONDS + 28, nbf=SECONDS + 28)), NOW).subject == "amira"
    assert check.identity(idp.token(claims(idp, "amira", iat=SECONDS - 628)), NOW).subject == "amira"
    several = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert check.identity(idp.token(claims(idp, "amira", **several)), NOW).subject == "amira"


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "JWS", 1])
def test_S03_another_kind_of_token_is_refused(idp: Provider, check: TokenCheck, typ: Any) -> None:
    with pytest.raises(TokenRefusedError):
        check.identity(idp.token(claims(idp, "amira"), typ=typ), NOW)


def test_S03_a_provider_s_clock_may_be_up_to_a_minute_before_ours(idp: Provider, check: TokenCheck) -> None:
    said = claims(idp, "amira", iat=SECONDS + 55, nbf=SECONDS + 55)
    assert check.identity(idp.token(said), NOW).subject == "amira"


@pytest.mark.parametrize("typ", ["jwt", "JWT", "id_token+jwt"])
def test_S03_the_type_of_an_id_token_is_written_in_any_case(idp: Provider, check: TokenCheck, typ: str) -> None:
    assert check.identity(idp.token(claims(idp, "amira"), typ=typ), NOW).subject == "amira"


def test_S02_a_key_replaced_under_its_old_id_is_fetched_once_a_minute(idp: Provider) -> None:
    moment = [1000.0]
    check = TokenCheck(vault_provider.Provider(idp.issuer, lambda: moment[0]), CLIENT)
    said = claims(idp, "amira")
    assert check.identity(idp.token(said), NOW).subject == "amira"
    new = RSAKey.generate_key(2048, {"kid": "rsa"})
    idp.published = [new]
    for _ in range(3):
        with pytest.raises(TokenRefusedError):
            check.identity(idp.token(said, "RS256", new), NOW)
    assert idp.key_requests == 1
    moment[0] += 61
    assert check.identity(idp.token(said, "RS256", new), NOW).subject == "amira"
    with pytest.raises(TokenRefusedError):
        check.identity(idp.token(said), NOW)
    assert idp.key_requests == 2


def test_S02_a_single_key_without_id_fits(idp: Provider, check: TokenCheck) -> None:
    bare = RSAKey.generate_key(2048)
    idp.published = [bare]
    for kid in ("anything", None):
        assert check.identity(idp.token(claims(idp, "amira"), "RS256", bare, kid=kid), NOW).subject == "amira"
    idp.published = [bare, RSAKey.generate_key(2048)]
    with pytest.raises(TokenRefusedError):
        TokenCheck(vault_provider.Provider(idp.issuer), CLIENT).identity(
            idp.token(claims(idp, "amira"), "RS256", bare, kid="anything"), NOW
        )


def claims(idp: Provider, subject: str, **changes: Any) -> dict[str, Any]:
    """Claims that are good at NOW, however long the tests before took."""
    return idp.claims(subject, **({"iat": SECONDS, "exp": SECONDS + 300} | changes))


def with_public_key_as_secret(idp: Provider, said: dict[str, Any]) -> str:
    """HS256 with the published key as the secret, by hand: no library of today would make it."""
    rsa = idp.keys["RS256"]
    assert isinstance(rsa, RSAKey)
    parts = [json.dumps({"alg": "HS256", "kid": "rsa"}).encode(), json.dumps(said).encode()]
    message = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = hmac.digest(rsa.as_pem(private=False), message, "sha256")
    return (message + b"." + urlsafe_b64encode(mac).rstrip(b"=")).decode()


def forged(idp: Provider) -> dict[str, str]:
    said = claims(idp, "amira")
    good = idp.token(said)
    head, payload, signature = good.split(".")
    unsigned = idp.token(said, "none", OctKey.generate_key(256), kid="rsa")
    return {
        "none": unsigned,
        "none with signature": f"{unsigned.rpartition('.')[0]}.{signature}",
        "public key as secret": with_public_key_as_secret(idp, said),
        "another key, same id": idp.token(said, "RS256", RSAKey.generate_key(2048, {"kid": "rsa"})),
        "another key, its own": idp.token(said, "EdDSA", OKPKey.generate_key("Ed25519", {"kid": "mine"})),
        "key in the header": idp.token(
            said, "ES256", key := ECKey.generate_key("P-256", {"kid": "ec"}), jwk=key.as_dict(private=False)
        ),
        "algorithm of another key": idp.token(said, "PS256", idp.keys["RS256"], kid="pss"),
        "an algorithm that is none of ours": idp.token(said, "ES256K"),
        "another curve": idp.token(said, "ES384", idp.keys["ES384"], kid="ec"),
        "critical extension": idp.token(said, crit=["exp"], exp=1),
        "another payload": f"{head}.{idp.token(claims(idp, 'ben')).split('.')[1]}.{signature}",
        "no signature": f"{head}.{payload}.",
        "cut": good[:-4],
        "no dots": "token",
        "not base64": "!.!.!",
        "header is a list": f"W10.{payload}.{signature}",
        "too long": f"{head}.{payload}.{'A' * 20_000}",
        "empty": "",
    }


@pytest.mark.parametrize("name", forged(Provider("http://localhost")))
def test_S02_a_forged_token_is_refused(idp: Provider, check: TokenCheck, name: str) -> None:
    with pytest.raises(TokenRefusedError):
        check.identity(forged(idp)[name], NOW)


def test_S02_without_a_key_id_there_must_be_no_choice(idp: Provider, check: TokenCheck) -> None:
    token = idp.token(claims(idp, "amira"), "ES256", kid=None)
    assert check.identity(token, NOW).subject == "amira"
    with pytest.raises(TokenRefusedError):
        check.identity(idp.token(claims(idp, "amira"), "RS256", kid=None), NOW)


def test_S02_a_provider_that_names_another_issuer_is_not_asked(idp: Provider, check: TokenCheck) -> None:
    idp.about["issuer"] = "https://evil.example"
    with pytest.raises(UnavailableError, match="another issuer"):
        check.identity(idp.token(claims(idp, "amira", iss="https://evil.example")), NOW)


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_S02_symmetric_encryption_and_short_keys_count_for_nothing(idp: Provider, check: TokenCheck) -> None:
    secret, short = OctKey.generate_key(256, {"kid": "s"}), RSAKey.generate_key(1024, {"kid": "short"})
    sealing = RSAKey.generate_key(2048, {"kid": "enc"})
    idp.published = [secret, short, RSAKey.import_key(sealing.as_dict(private=False) | {"use": "enc"})]
    for algorithm, key in (("HS256", secret), ("RS256", short), ("RS256", sealing)):
        with pytest.raises(TokenRefusedError):
            check.identity(idp.token(claims(idp, "amira"), algorithm, key), NOW)


def test_a_new_key_is_fetched_once_a_minute_at_most(idp: Provider) -> None:
    seconds = [0.0]
    check = TokenCheck(vault_provider.Provider(idp.issuer, lambda: seconds[0]), CLIENT)
    new = OKPKey.generate_key("Ed25519", {"kid": "new"})
    token = idp.token(claims(idp, "amira"), "EdDSA", new)
    with pytest.raises(TokenRefusedError):
        check.identity(token, NOW)
    idp.published.append(new)
    for _ in range(5):
        with pytest.raises(TokenRefusedError):
            check.identity(token, NOW)
    assert idp.key_requests == 1
    seconds[0] = 61.0
    assert check.identity(token, NOW).subject == "amira"
    assert idp.key_requests == 2


def test_an_unreachable_provider_is_a_matter_of_time(idp: Provider) -> None:
    with running() as gone:
        token = gone.token(claims(gone, "amira"))
    with pytest.raises(UnavailableError):
        TokenCheck(vault_provider.Provider(gone.issuer), CLIENT).identity(token, NOW)


def test_a_token_is_taken_once_while_it_lives(idp: Provider, check: TokenCheck) -> None:
    token = idp.token(claims(idp, "amira"))
    check.take(token, NOW)
    with pytest.raises(TokenRefusedError, match="used before"):
        check.take(token, NOW + timedelta(seconds=300))
    with pytest.raises(TokenRefusedError, match="used before"):
        check.take(token + "=", NOW)


def test_C05_a_ticket_needs_a_live_session_of_the_same_person(
    client: VaultClient, superuser: Superuser, identity_provider: Provider, amira: Insider, ben: Insider
) -> None:
    def ask(subject: str, session: Any) -> None:
        with pytest.raises(TicketRefused, match="session_refused"):
            client.ticket(identity_provider.token(identity_provider.claims(subject)), session)

    ask(amira.subject, ben.session)
    ask("nobody", amira.session)
    ask(amira.subject, uuid4())
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE id = %s", [amira.session])
    superuser.commit()
    ask(amira.subject, amira.session)


def test_C05_a_token_gives_one_ticket(client: VaultClient, superuser: Superuser, identity_provider: Provider) -> None:
    person = make_person(superuser, "Amira Kaya", issuer=identity_provider.issuer, subject="once")
    session, token = start_session(superuser, person), identity_provider.token(identity_provider.claims("once"))
    assert client.ticket(token, session).employee == person
    with pytest.raises(TicketRefused, match="token_refused"):
        client.ticket(token, session)


def test_C05_only_the_hash_of_a_ticket_is_kept(superuser: Superuser, amira: Insider) -> None:
    rows = superuser.execute("SELECT t::text, t.token_hash FROM vault_ticket t").fetchall()
    assert any(len(row[1]) == 32 for row in rows)
    assert all(amira.ticket not in row[0] and amira.ticket.encode().hex() not in row[0] for row in rows)


def test_a_forged_token_gives_no_ticket(client: VaultClient, identity_provider: Provider, amira: Insider) -> None:
    other = RSAKey.generate_key(2048, {"kid": "rsa"})
    with pytest.raises(TicketRefused, match="token_refused"):
        client.ticket(identity_provider.token(identity_provider.claims(amira.subject), "RS256", other), amira.session)


def test_one_key_a_person_however_many_ask_at_once(client: VaultClient, superuser: Superuser) -> None:
    person = make_person(superuser)
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: client.ensure_key(person), range(32)))
    rows = superuser.execute("SELECT id, document FROM employee_key WHERE employee_id = %s", [person]).fetchall()
    assert keys == set(rows)
    assert len(rows) == 1


def test_a_key_needs_a_person(client: VaultClient) -> None:
    status, answer = client._request("POST", "/keys", b'{"employee_id": "%s"}' % str(uuid4()).encode())
    assert (status, b"unknown_person" in answer) == (404, True)


def test_a_key_document_is_signed_by_the_vault(client: VaultClient, superuser: Superuser, organisation: Any) -> None:
    person = make_person(superuser)
    key, document = client.ensure_key(person)
    vouched = arrange.open_key(document, organisation)
    assert (vouched.id, vouched.employee, len(vouched.public_key)) == (key, person, 32)
