"""The Merkle tree of the log: hashing, proofs and their verification as in RFC 6962 and RFC 9162, section 2.1.

A tree's perfect subtrees never change once they are full. A node is `(level, index)`: the subtree over the leaves
`index << level` up to, but without, `(index + 1) << level`. Whoever keeps the hashes of all full nodes makes any proof
from O(log n) of them: `inclusion_ranges` and `consistency_ranges` say which stretches of leaves a proof needs,
`nodes_of` which nodes tile one, and `fold` joins their hashes. Everything here is pure; hashes are 32 bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

Node = tuple[int, int]
Range = tuple[int, int]
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofError(ValueError):
    """The proof does not show what it should."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_of(begin: int, end: int) -> list[Node]:
    """The full nodes that tile the leaves `begin` ≤ i < `end`, left to right; `begin` is where a subtree starts."""
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees, largest first, as `nodes_of` lists them."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


class Frontier:
    """The right edge of a growing tree: the hashes of `nodes_of(0, size)`."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError("a frontier has one hash for each full subtree")
        self.size = size
        self._hashes = list(hashes)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf's hash. Returns the nodes above it that are full now, lowest first."""
        filled: list[tuple[Node, bytes]] = []
        level, index, top = 0, self.size, leaf
        while index & 1:
            level, index, top = level + 1, index >> 1, node_hash(self._hashes.pop(), top)
            filled.append(((level, index), top))
        self._hashes.append(top)
        self.size += 1
        return filled

    def root(self) -> bytes:
        """The tree's root hash."""
        return fold(self._hashes)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove leaf `index` in the tree of `size` leaves, in the order of the proof."""
    if not 0 <= index < size:
        raise ValueError("the tree has no such leaf")
    ranges: list[Range] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose hashes prove that the tree of `old` leaves is the beginning of that of `new` leaves."""
    if not 0 <= old <= new:
        raise ValueError("the old tree is the smaller one")
    if old in {0, new}:
        return []
    ranges: list[Range] = []
    begin, end = 0, new
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    if begin:
        ranges.append((begin, end))
    return ranges[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2. `leaf` is a leaf's hash. Raises ProofError unless `path` leads from it to `root`."""
    _hashes([leaf, root, *path])
    if not 0 <= index < size:
        raise ProofError("the tree has no such leaf")
    result = leaf
    for step, is_left in _climb(index, size - 1, path):
        result = node_hash(step, result) if is_left else node_hash(result, step)
    if result != root:
        raise ProofError("the proof does not lead to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """RFC 9162, 2.1.4.2. Raises ProofError unless `path` shows that the new tree only added to the old one."""
    _hashes([old_root, new_root, *path])
    if not 0 <= old <= new:
        raise ProofError("the old tree is larger than the new one")
    if old in {0, new}:
        expected = EMPTY_ROOT if old == 0 else new_root
        if path or old_root != expected:
            raise ProofError("two roots of one tree")
        return
    steps = [old_root, *path] if old.bit_count() == 1 else list(path)
    if not steps:
        raise ProofError("the proof is empty")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = steps[0]
    for step, is_left in _climb(position, last, steps[1:]):
        before = node_hash(step, before) if is_left else before
        after = node_hash(step, after) if is_left else node_hash(after, step)
    if before != old_root or after != new_root:
        raise ProofError("the proof does not lead to both roots")


def _climb(position: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each step of a proof from node `position` of `last` + 1 up to the root, and whether it is the left neighbour."""
    for step in path:
        if last == 0:
            raise ProofError("the proof is too long")
        is_left = bool(position & 1) or position == last
        yield step, is_left
        while is_left and position and not position & 1:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def _hashes(values: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise ProofError("a hash has 32 bytes")
