"""Blind signatures agree with RFC 9474, and tokens with what the browser makes of the same code."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from wire import blind, token

PUBLISHED = Path(__file__).parent / "published"
E = 65537


@pytest.fixture(scope="module")
def vector() -> dict[str, str]:
    """Appendix A.1 of the RFC."""
    found: dict[str, str] = json.loads((PUBLISHED / "rfc9474.json").read_text())
    return found


@pytest.fixture(scope="module")
def key(vector: dict[str, str]) -> RSAPrivateKey:
    """Its key, from the two primes."""
    p, q = int(vector["p"], 16), int(vector["q"], 16)
    d = pow(E, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(E, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def data(vector: dict[str, str], name: str) -> bytes:
    return bytes.fromhex(vector[name])


def test_A01_the_vectors_of_the_rfc(vector: dict[str, str], key: RSAPrivateKey) -> None:
    public = key.public_key()
    n, inverse = public.public_numbers().n, int(vector["inv"], 16)
    prepared = blind.prepare(data(vector, "msg"), data(vector, "msg_prefix"))
    blinded, taken_off = blind.blind(public, prepared, data(vector, "salt"), pow(inverse, -1, n))
    assert blinded == data(vector, "blinded_msg")
    assert taken_off == inverse
    signed = blind.blind_sign(key, blinded)
    assert signed == data(vector, "blind_sig")
    assert blind.finalize(public, prepared, signed, inverse) == data(vector, "sig")
    assert blind.verifies(public, prepared, data(vector, "sig"))


def test_A01_nothing_else_verifies(vector: dict[str, str], key: RSAPrivateKey) -> None:
    public, prepared = key.public_key(), data(vector, "msg_prefix") + data(vector, "msg")
    signature = bytearray(data(vector, "sig"))
    assert not blind.verifies(public, prepared + b"\0", bytes(signature))
    signature[-1] ^= 1
    assert not blind.verifies(public, prepared, bytes(signature))
    for wrong in (b"", bytes(signature)[:-1], bytes(512), public.public_numbers().n.to_bytes(512, "big")):
        assert not blind.verifies(public, prepared, wrong)
        with pytest.raises(blind.BlindError):
            blind.blind_sign(key, wrong)
    with pytest.raises(blind.BlindError):
        blind.finalize(public, prepared, data(vector, "blinded_msg"), 3)


def test_A01_a_code_gives_the_same_token_again_and_another_for_another_petition(key: RSAPrivateKey) -> None:
    public, petition = key.public_key(), UUID("5f0c3f5e-7d0f-4d3c-9c41-2f1f6f0f7a11")
    one = token.secret("ABCD" * 6, petition, public)
    assert one == token.secret(token.read_code("abcd-" * 5 + "abcd"), petition, public)
    assert one.prepared != token.secret("ABCD" * 6, UUID(int=7), public).prepared
    assert one.prepared != token.secret("ABCE" * 6, petition, public).prepared
    blinded, inverse = blind.blind(public, one.prepared, one.salt, one.factor)
    signature = blind.finalize(public, one.prepared, blind.blind_sign(key, blinded), inverse)
    assert blind.verifies(public, one.prepared, signature)
    assert token.nullifier(petition, one.prepared) != token.nullifier(UUID(int=7), one.prepared)


@pytest.mark.parametrize("typed", ["", "ABCD" * 5, "ABCD" * 7, "U" * 24, "é" * 24])
def test_a_code_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no recovery code"):
        token.read_code(typed)
