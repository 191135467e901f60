#!/usr/bin/env python3
"""Check a receipt of a deletion, offline and alone: this file and Python 3.11 or newer are all that is needed.

    python verify_receipt.py receipt.json --key "portal.example.org/log+1a2b3c4d+AQ…"

The key is the log's public key. Take it from somebody other than who gave you the receipt: the works council and the
privacy officer keep it. Without --key the file's own copy is used, which proves nothing, for whoever forges one puts a
key of their own in it: the answer says so, and the exit code is 4. With --head, a checkpoint that somebody kept (or a
file with many) must agree with the receipt's. Where none is of the same size, the log's keeper makes what joins the
two: `python -m portal log consistency OLD NEW`, whose file --consistency takes. Without that the answer says that those
checkpoints say nothing of this receipt, and the exit code is 3.

Without a receipt, whether the log of today still begins with all that a checkpoint covered:

    python verify_receipt.py --head kept --consistency consistency.json --key "portal.example.org/log+1a2b3c4d+AQ…"

What is checked: the receipt is signed (DSSE, Ed25519); the log's entry holds the receipt's hash; the salted hash of the
entry is a leaf of the log's tree (RFC 6962), and the proof leads to the root that the log has signed (C2SP checkpoint);
the smaller tree is the beginning of the larger one (RFC 9162, 2.1.4).
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TYPE = "application/vnd.daylight.receipt.v1+json"
RESTRICTION = "application/vnd.daylight.restriction.v1+json"
NOT_COMPARED = 3
HASH = 32
OWN_KEY = 4
PROVED = "PROVED"
CONSISTENT = "CONSISTENT, BUT NOT PROVED: nobody compared the key (give the log's with --key)"
NOTE = re.compile(r"^[^\n—][^\n]*\n[0-9]+\n[A-Za-z0-9+/=]{44}\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+", re.MULTILINE)

# Ed25519 (RFC 8032, 5.1.7) over plain integers. It only verifies, so nothing here has to be quick or secret.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
Known = dict[int, bytes]
"""Roots of the log by its size, each from a checkpoint that its key signed."""


class BadReceiptError(Exception):
    """The receipt does not prove what it says; the message says why."""


def require(holds: object, why: str) -> None:
    """Raise BadReceiptError unless `holds`."""
    if not holds:
        raise BadReceiptError(why)


def recover(data: bytes) -> Point:
    """The point that 32 bytes encode (RFC 8032, 5.1.3)."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    require(len(data) == 32 and y < P, "not a point of the curve")  # noqa: PLR2004
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    require(not (x * x - square) % P and not (x == 0 and sign), "not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(one: Point, other: Point) -> Point:
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """`number` times a point."""
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def same(one: Point, other: Point) -> bool:
    """Whether both are one point."""
    return not ((one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P)


BASE = recover((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def check_signature(public: bytes, message: bytes, signature: bytes, what: str) -> None:
    """Raise BadReceiptError unless `signature` is that of `public` over `message`."""
    require(len(signature) == 64, f"{what}: not a signature")  # noqa: PLR2004
    key, nonce, s = recover(public), recover(signature[:32]), int.from_bytes(signature[32:], "little")
    require(s < Q and not same(times(8, key), (0, 1, 1, 0)), f"{what}: the signature is wrong")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    require(same(times(s, BASE), add(nonce, times(k, key))), f"{what}: the signature is wrong")


def unb64(text: str) -> bytes:
    """Bytes of canonical base64."""
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "base64 with more than one reading")
    return data


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and raw public key of a verifier key (c2sp.org/signed-note)."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = unb64(encoded)
    require(raw[:1] == b"\x01" and len(raw) == 33, "the key is not an Ed25519 verifier key")  # noqa: PLR2004
    made = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    require(made.hex() == key_id, "the key's id is not its own")
    return name, made, raw[1:]


def open_note(note: str, key: tuple[str, bytes, bytes]) -> tuple[int, bytes]:
    """Size and root of a checkpoint that `key` signed (c2sp.org/tlog-checkpoint)."""
    text, blank, signatures = note.rpartition("\n\n")
    origin, size, root, *_ = [*text.split("\n"), "", ""]
    require(blank and origin == key[0] and size.isdigit(), "the checkpoint is of another log")
    for line in signatures.strip().split("\n"):
        raw = unb64(line.rpartition(" ")[2])
        if line.startswith(f"— {key[0]} ") and raw[:4] == key[1]:
            check_signature(key[2], (text + "\n").encode(), raw[4:], "the checkpoint")
            require(len(unb64(root)) == HASH, "a root hash has 32 bytes")
            return int(size), unb64(root)
    raise BadReceiptError("the checkpoint is not signed by this key")


def open_envelope(envelope: str, public: bytes) -> dict[str, Any]:
    """The receipt in a DSSE envelope that `public` signed (github.com/secure-systems-lab/dsse)."""
    parts = json.loads(envelope)
    payload, kind = unb64(parts["payload"]), parts["payloadType"]
    require(kind in {TYPE, RESTRICTION} and len(parts["signatures"]) == 1, "this is not a receipt")
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
    check_signature(public, message, unb64(parts["signatures"][0]["sig"]), "the receipt")
    receipt: dict[str, Any] = json.loads(payload)
    return receipt


def root_over(leaf: int, size: int, value: bytes, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    require(0 <= leaf < size, "the log has no such leaf")
    index, last = leaf, size - 1
    for step in path:
        require(last, "the proof is too long")
        if index & 1 or index == last:
            value = hashlib.sha256(b"\x01" + step + value).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + step).digest()
        index, last = index >> 1, last >> 1
    require(not last, "the proof is too short")
    return value


def check_growth(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> None:
    """Raise BadReceiptError unless the log of `new` entries begins with that of `old` (RFC 9162, 2.1.4.2)."""
    require(0 < old <= new, "the older log is larger than the newer one")
    require(all(len(step) == HASH for step in path), "a hash has 32 bytes")
    steps = path if old & (old - 1) and old != new else [old_root, *path]
    require(steps, "the proof is too short")
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        require(last, "the proof is too long")
        if index & 1 or index == last:
            before, after = (hashlib.sha256(b"\x01" + step + value).digest() for value in (before, after))
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            after = hashlib.sha256(b"\x01" + after + step).digest()
        index, last = index >> 1, last >> 1
    require(old == new or not last, "the proof is too short")
    require((before, after) == (old_root, new_root), "the newer log does not begin with the older one")


def check(bundle: dict[str, Any], key_text: str) -> tuple[dict[str, Any], int, bytes]:
    """The receipt, and size and root of the log that holds it. Raises BadReceiptError."""
    require(bundle.get("format") == 1, "the file has another format")
    key = read_key(key_text)
    receipt = open_envelope(bundle["envelope"], key[2])
    detail = json.loads(bundle["entry"]["detail"])
    digest = hashlib.sha256(bundle["envelope"].encode()).hexdigest()
    require(detail.get("receipt") == digest, "the log's entry is about another receipt")
    entry = json.dumps(bundle["entry"], ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    committed = hashlib.sha256(bytes.fromhex(bundle["salt"]) + entry).digest()
    value = hashlib.sha256(b"\x00" + committed).digest()
    size, root = open_note(bundle["checkpoint"], key)
    path = [bytes.fromhex(step) for step in bundle["path"]]
    require(root_over(bundle["leaf"], size, value, path) == root, "the proof does not lead to the log's root")
    return receipt, size, root


def learn(known: Known, size: int, root: bytes) -> None:
    """Add a signed root. Raises BadReceiptError where the log signed another one of this size: it has two histories."""
    require(known.setdefault(size, root) == root, "a checkpoint that was kept says something else")


def joined(known: Known, proofs: list[dict[str, Any]], key: tuple[str, bytes, bytes]) -> list[tuple[int, int]]:
    """Sizes of a log and of a later one that begins with it, smallest first, as proved. Raises BadReceiptError.

    What a proof begins with must be in `known` by then; the checkpoint that comes with it is added.
    """
    pairs = []
    for proof in sorted(proofs, key=lambda one: int(one["old"])):
        require(proof.get("format") == 1, "the file has another format")
        old, (new, root) = proof["old"], open_note(proof["checkpoint"], key)
        require(old in known, f"no checkpoint of {old} entries was given, with which the proof begins")
        learn(known, new, root)
        check_growth(old, new, known[old], root, [bytes.fromhex(step) for step in proof["path"]])
        pairs.append((old, new))
    return pairs


def later(size: int, pairs: list[tuple[int, int]]) -> set[int]:
    """The sizes of the logs that begin with that of `size`."""
    found = {size}
    for old, new in pairs:
        found |= {new} if old in found else set()
    return found


def kept(path: Path) -> list[str]:
    """The checkpoints in a file that somebody kept. Raises BadReceiptError without any."""
    notes = [found[0] for found in NOTE.finditer(path.read_text(encoding="utf-8"))]
    require(notes, f"{path} holds no checkpoint")
    return notes


def tell(receipt: dict[str, Any]) -> Iterator[str]:
    """The receipt in words."""
    moment = "%d.%m.%Y %H:%M UTC"
    yield f"Store:             {receipt['store']}"
    yield f"Ended:             {receipt['state']}" + (f" ({receipt['reason']})" if receipt["reason"] else "")
    if "action" in receipt:
        yield from tell_frozen(receipt, moment)
        return
    yield f"Deleted:           {receipt['deleted']}; kept by a legal hold: {receipt['held']}"
    looked = {True: "another credential", False: "the same credential", None: "nobody"}[receipt["apart"]]
    yield f"Still found:       {'unknown' if receipt['remaining'] is None else receipt['remaining']} (by {looked})"
    if receipt["logical"] is not None:
        yield f"Unreadable since:  {datetime.fromtimestamp(receipt['logical'] / 1000, UTC):{moment}}"
    yield f"In no backup from: {receipt['physical'] or 'unknown'}"
    yield f"Request:           {receipt['request']}"


def tell_frozen(receipt: dict[str, Any], moment: str) -> Iterator[str]:
    """The receipt of a freeze, or of its lifting, in words."""
    looked = {True: "another credential", False: "the same credential", None: "nobody"}[receipt["apart"]]
    found = {name: "unknown" if receipt[name] is None else receipt[name] for name in ("readable", "apart_rows")}
    if receipt["action"] == "freeze":
        yield f"Frozen:            {receipt['moved']} rows were put out of reach"
        yield f"Still readable:    {found['readable']} (by {looked})"
    else:
        yield f"Lifted:            {receipt['moved']} rows were put back"
    yield f"In quarantine:     {found['apart_rows']} (by {looked})"
    for name, words in (("since", "Restricted since:  "), ("lifted", "Lifted on:         ")):
        if receipt[name] is not None:
            yield f"{words}{datetime.fromtimestamp(receipt[name] / 1000, UTC):{moment}}"
    yield f"Request:           {receipt['request']}"


def prove(told: argparse.Namespace) -> tuple[list[str], bool]:
    """What is proved, in words, and whether what was kept says anything of the receipt. Raises BadReceiptError."""
    bundle: Any = json.loads(told.receipt.read_text(encoding="utf-8")) if told.receipt else None
    proofs = [json.loads(path.read_text(encoding="utf-8")) for path in told.consistency]
    own = (bundle if told.receipt else proofs[0])["key"]
    key, known, said, mine = read_key(told.key or own), Known(), [PROVED if told.key else CONSISTENT], None
    for path in told.head:
        for note in kept(path):
            learn(known, *open_note(note, key))
    sizes = sorted(known)
    if told.receipt:
        receipt, mine, root = check(bundle, told.key or own)
        learn(known, mine, root)
        said += [*tell(receipt), f"Log:               {mine} entries, root {root.hex()}"]
    pairs = joined(known, proofs, key)
    said += [f"The log of {new} entries begins, unchanged, with the {old} of before." for old, new in pairs]
    if told.key is None:
        said.append(f"Anybody can make such a file with a key of their own. This one's: {own}")
    if mine is None or not sizes:
        return said, True
    # Of two logs that begin with the same, one need not begin with the other: both must be the beginning of one.
    agreeing = [size for size in sizes if later(size, pairs) & later(mine, pairs)]
    said += [f"Agrees with the checkpoint of {size} entries that was kept." for size in agreeing]
    if not agreeing:
        listed = ", ".join(map(str, sizes))
        said.append(f"NOT COMPARED: what was kept is of other sizes ({listed}) and says nothing of this receipt.")
    return said, bool(agreeing)


def main() -> int:
    """Exit code 0: it holds; 1: it does not.

    3: it does, but no checkpoint of --head says anything of it; 4: it agrees with itself, but nobody compared the key.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("receipt", type=Path, nargs="?", help="the file you downloaded")
    parser.add_argument("--key", help="the log's public key")
    parser.add_argument("--head", type=Path, action="append", default=[], help="a file with checkpoints kept elsewhere")
    parser.add_argument("--consistency", type=Path, action="append", default=[], help="what joins two checkpoints")
    told = parser.parse_args()
    if not told.receipt and not (told.head and told.consistency):
        parser.error("give a receipt, or a checkpoint and what joins it to another")
    try:
        said, compared = prove(told)
    except BadReceiptError as error:
        sys.stdout.write(f"NOT PROVED: {error}.\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stdout.write(f"NOT PROVED: a file cannot be read as what it should be ({type(error).__name__}).\n")
        return 1
    sys.stdout.write("\n".join(said) + "\n")
    if told.key is None:
        return OWN_KEY
    return 0 if compared else NOT_COMPARED


if __name__ == "__main__":
    sys.exit(main())
