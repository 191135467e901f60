"""What we know of the provider is asked seldom, renewed when its keys change, and not asked of one that hangs."""

import threading
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from portal.identity import provider as module
from portal.identity.provider import Provider, ProviderUnavailableError, signature_keys
from portal.identity.rules import RefusedError
from tests.provider.server import HostileProvider


class Clock:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths asked for, as the real requests go out."""
    paths: list[str] = []
    really = module.fetch

    def counted(address: str) -> dict[str, Any]:
        paths.append(address.rsplit("/", 1)[1])
        return really(address)

    monkeypatch.setattr(module, "fetch", counted)
    return paths


def test_description_and_keys_are_kept_an_hour(provider: HostileProvider, asked: list[str]) -> None:
    clock = Clock()
    known = Provider(provider.issuer, clock)
    for _ in range(5):
        assert known.key({"alg": "RS256", "kid": "rsa"}).kid == "rsa"
    assert asked == ["openid-configuration", "jwks"]
    clock.now += 3601
    known.key({"alg": "RS256", "kid": "rsa"})
    assert asked == ["openid-configuration", "jwks"] * 2


def test_a_new_key_is_found_and_an_unknown_one_is_asked_for_at_most_each_half_minute(
    provider: HostileProvider, asked: list[str]
) -> None:
    clock = Clock()
    known = Provider(provider.issuer, clock)
    known.key({"alg": "RS256", "kid": "rsa"})
    provider.keys["new"] = RSAKey.generate_key(2048, {"kid": "new"})
    try:
        for _ in range(5):
            with pytest.raises(RefusedError):
                known.key({"alg": "RS256", "kid": "new"})
        assert asked.count("jwks") == 1
        clock.now += 31
        assert known.key({"alg": "RS256", "kid": "new"}).kid == "new"
        assert asked.count("jwks") == 2
    finally:
        del provider.keys["new"]


def test_S02_a_token_without_key_id_is_taken_only_when_there_is_no_choice(provider: HostileProvider) -> None:
    known = Provider(provider.issuer)
    assert known.key({"alg": "ES256"}).kid == "ec"
    provider.keys["second"] = ECKey.generate_key("P-256", {"kid": "second"})
    try:
        with pytest.raises(RefusedError):
            Provider(provider.issuer).key({"alg": "ES256"})
    finally:
        del provider.keys["second"]


def test_one_that_does_not_answer_is_left_alone_for_a_moment(asked: list[str]) -> None:
    clock = Clock()
    gone = Provider("http://localhost:9", clock)
    for _ in range(5):
        with pytest.raises(ProviderUnavailableError):
            gone.metadata()
    assert len(asked) == 1
    clock.now += 4
    with pytest.raises(ProviderUnavailableError):
        gone.metadata()
    assert len(asked) == 2


def test_while_one_person_waits_for_a_slow_provider_what_is_known_serves_the_others(
    provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, asked, go_on = Clock(), threading.Event(), threading.Event()
    known = Provider(provider.issuer, clock)
    known.key({"alg": "RS256", "kid": "rsa"})
    really = module.fetch

    def slow(address: str) -> dict[str, Any]:
        asked.set()
        assert go_on.wait(20)
        return really(address)

    monkeypatch.setattr(module, "fetch", slow)
    clock.now += 3601
    waits = threading.Thread(target=known.metadata)
    waits.start()
    try:
        assert asked.wait(20)
        assert known.metadata().issuer == provider.issuer
    finally:
        go_on.set()
        waits.join()


def test_S02_short_symmetric_encryption_and_broken_keys_count_for_nothing(provider: HostileProvider) -> None:
    good = provider.keys["RS256"].as_dict(private=False)
    with pytest.warns(Warning, match="2048"):
        short = RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False)
    others = [{"kty": "oct", "k": "AAAA", "kid": "s"}, good | {"use": "enc"}, {"kty": "RSA"}, "no key", {"kty": []}]
    with pytest.warns(Warning, match="2048"):
        keys = signature_keys({"keys": [short, *others, good]})
    assert [key.kid for key in keys] == ["rsa"]
    assert signature_keys({}) == ()
    assert signature_keys({"keys": "x"}) == ()
