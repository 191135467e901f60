"""RSA blind signatures: RSABSSA-SHA384-PSS-Randomized of RFC 9474, over the numbers of `cryptography`'s keys.

No maintained Python library offers them. What is here are the few modular operations; that a finished signature is a
good RSASSA-PSS signature is for `cryptography` to say, and both ends are tested with the vectors of the RFC.
"""

import hashlib
import secrets
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

HASH: Final = hashlib.sha384
HASH_BYTES: Final = 48
SALT_BYTES: Final = 48
PREFIX_BYTES: Final = 32
TRAILER: Final = 0xBC


class BlindError(ValueError):
    """What was given is no message, no blinded message or no signature of this key."""


def prepare(message: bytes, prefix: bytes) -> bytes:
    """RFC 9474, 4.1: what is signed is the message behind 32 random bytes. Raises BlindError for another prefix."""
    if len(prefix) != PREFIX_BYTES:
        raise BlindError("a prefix has 32 bytes")
    return prefix + message


def blind(key: RSAPublicKey, prepared: bytes, salt: bytes, factor: int) -> tuple[bytes, int]:
    """RFC 9474, 4.2, with salt and blinding factor given: the blinded message, and what takes the blinding off again.

    Raises BlindError when the factor has no inverse; take another one.
    """
    numbers = key.public_numbers()
    encoded = int.from_bytes(encode(prepared, salt, numbers.n.bit_length() - 1), "big")
    try:
        inverse = pow(factor, -1, numbers.n)
    except ValueError as error:
        raise BlindError("this factor has no inverse") from error
    blinded = encoded * pow(factor, numbers.e, numbers.n) % numbers.n
    return blinded.to_bytes(length(key), "big"), inverse


def blind_sign(key: RSAPrivateKey, blinded: bytes) -> bytes:
    """RFC 9474, 4.3: sign without seeing what. Raises BlindError for a number that is none of this key.

    Python's integers do not take constant time, so the number is blinded once more here (RFC 9474, 7.1).
    """
    numbers, public = key.private_numbers(), key.public_key()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    given = int.from_bytes(blinded, "big")
    if len(blinded) != length(public) or not 0 < given < n:
        raise BlindError("no blinded message of this key")
    while True:
        own = secrets.randbelow(n - 2) + 2
        try:
            inverse = pow(own, -1, n)
        except ValueError:  # a factor of n: as likely as guessing the key
            continue
        break
    hidden = given * pow(own, e, n) % n
    left, right = pow(hidden, numbers.dmp1, numbers.p), pow(hidden, numbers.dmq1, numbers.q)
    signed = right + numbers.q * ((left - right) * numbers.iqmp % numbers.p)
    result = signed * inverse % n
    if pow(result, e, n) != given:
        raise BlindError("signing failed")
    return result.to_bytes(length(public), "big")


def finalize(key: RSAPublicKey, prepared: bytes, blind_signature: bytes, inverse: int) -> bytes:
    """RFC 9474, 4.4: the signature of the prepared message. Raises BlindError when it is none."""
    if len(blind_signature) != length(key):
        raise BlindError("no signature of this key")
    n = key.public_numbers().n
    signature = (int.from_bytes(blind_signature, "big") * inverse % n).to_bytes(length(key), "big")
    if not verifies(key, prepared, signature):
        raise BlindError("no signature of this key")
    return signature


def verifies(key: RSAPublicKey, prepared: bytes, signature: bytes) -> bool:
    """RFC 9474, 4.5: whether it is an RSASSA-PSS signature of the prepared message."""
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), SALT_BYTES)
    try:
        key.verify(signature, prepared, scheme, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def length(key: RSAPublicKey) -> int:
    """Bytes of the modulus."""
    return (key.public_numbers().n.bit_length() + 7) // 8


def encode(message: bytes, salt: bytes, bits: int) -> bytes:
    """EMSA-PSS-ENCODE (RFC 8017, 9.1.1) with SHA-384. Raises BlindError when the key is too short."""
    size = (bits + 7) // 8
    if size < HASH_BYTES + len(salt) + 2:
        raise BlindError("the key is too short")
    digest = HASH(bytes(8) + HASH(message).digest() + salt).digest()
    block = bytes(size - len(salt) - HASH_BYTES - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mask(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return bytes(masked) + digest + bytes([TRAILER])


def _mask(seed: bytes, size: int) -> bytes:
    """MGF1 (RFC 8017, B.2.1) with SHA-384."""
    blocks = -(-size // HASH_BYTES)
    return b"".join(HASH(seed + counter.to_bytes(4, "big")).digest() for counter in range(blocks))[:size]
