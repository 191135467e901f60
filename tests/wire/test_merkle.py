"""The tree is the one of RFC 6962: its published values, and the RFC's recursive definitions for any size (L01)."""

import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import merkle
from wire.merkle import Frontier, ProofError, Range

MOST = 2000
# Leaves, roots and proofs of the Certificate Transparency reference implementation (merkletree tests).
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
PATHS = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], B, D],
}
CONSISTENCY = {(1, 1): [], (1, 8): [A, B, C], (6, 8): [F, E, ROOTS[4]], (2, 5): [B, D]}
HASHES = [merkle.leaf_hash(f"leaf {number}".encode()) for number in range(MOST)]
sizes = st.integers(1, MOST)


@cache
def tree_hash(begin: int, end: int) -> bytes:
    """MTH(D[begin:end]), word for word from RFC 6962, 2.1."""
    if end == begin:
        return merkle.EMPTY_ROOT
    if end - begin == 1:
        return HASHES[begin]
    middle = begin + split(end - begin)
    return merkle.node_hash(tree_hash(begin, middle), tree_hash(middle, end))


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def audit_path(index: int, begin: int, end: int) -> list[bytes]:
    """PATH(m, D[n]), word for word from RFC 6962, 2.1.1."""
    if end - begin == 1:
        return []
    middle = begin + split(end - begin)
    if index < middle - begin:
        return [*audit_path(index, begin, middle), tree_hash(middle, end)]
    return [*audit_path(index - (middle - begin), middle, end), tree_hash(begin, middle)]


def subproof(old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), word for word from RFC 6962, 2.1.2."""
    if old == end - begin:
        return [] if whole else [tree_hash(begin, end)]
    middle = begin + split(end - begin)
    if old <= middle - begin:
        return [*subproof(old, begin, middle, whole=whole), tree_hash(middle, end)]
    return [*subproof(old - (middle - begin), middle, end, whole=False), tree_hash(begin, middle)]


@cache
def full_nodes() -> dict[merkle.Node, bytes]:
    """What a log stores: the hashes of all full nodes, made by growing the tree."""
    frontier, nodes = Frontier(), {}
    for index, leaf in enumerate(HASHES):
        nodes[0, index] = leaf
        nodes |= dict(frontier.append(leaf))
    return nodes


def proof(ranges: list[Range]) -> list[bytes]:
    return [merkle.fold([full_nodes()[node] for node in merkle.nodes_of(*one)]) for one in ranges]


def test_L01_published_roots() -> None:
    frontier = Frontier()
    for leaf, root in zip([None, *LEAVES], ROOTS, strict=True):
        if leaf is not None:
            frontier.append(merkle.leaf_hash(leaf))
        assert frontier.root().hex() == root


def test_L01_published_proofs() -> None:
    frontier, nodes = Frontier(), {}
    for index, data in enumerate(LEAVES):
        nodes[0, index] = merkle.leaf_hash(data)
        nodes |= dict(frontier.append(nodes[0, index]))

    def made(ranges: list[Range]) -> list[str]:
        return [merkle.fold([nodes[node] for node in merkle.nodes_of(*one)]).hex() for one in ranges]

    for (index, size), path in PATHS.items():
        assert made(merkle.inclusion_ranges(index, size)) == path
        steps = [bytes.fromhex(step) for step in path]
        merkle.verify_inclusion(index, size, nodes[0, index], steps, bytes.fromhex(ROOTS[size]))
    for (old, new), path in CONSISTENCY.items():
        assert made(merkle.consistency_ranges(old, new)) == path
        steps = [bytes.fromhex(step) for step in path]
        merkle.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), steps)


def test_L01_every_size_up_to_2000_has_the_root_of_the_definition() -> None:
    frontier = Frontier()
    for size in range(MOST + 1):
        stored = [full_nodes()[node] for node in merkle.nodes_of(0, size)]
        assert frontier.root() == Frontier(size, stored).root() == tree_hash(0, size)
        if size < MOST:
            frontier.append(HASHES[size])


@given(sizes, st.randoms(use_true_random=False))
def test_L01_inclusion_of_any_leaf_in_any_tree(size: int, chance: random.Random) -> None:
    index = chance.randrange(size)
    path = proof(merkle.inclusion_ranges(index, size))
    assert path == audit_path(index, 0, size)
    merkle.verify_inclusion(index, size, HASHES[index], path, tree_hash(0, size))
    for leaf, at, steps in (
        (HASHES[(index + 1) % MOST], index, path),
        (HASHES[index], index + 1, path),
        (HASHES[index], index, [*path, HASHES[0]]),
        (HASHES[index], index, path[:-1] if path else [HASHES[0]]),
    ):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(at, size, leaf, steps, tree_hash(0, size))


@given(sizes, st.randoms(use_true_random=False))
def test_L01_every_tree_begins_with_every_smaller_one(new: int, chance: random.Random) -> None:
    old = chance.randrange(new + 1)
    path = proof(merkle.consistency_ranges(old, new))
    assert path == (subproof(old, 0, new, whole=True) if old else [])
    merkle.verify_consistency(old, new, tree_hash(0, old), tree_hash(0, new), path)
    for before, after, steps in (
        (HASHES[0] if old != 1 else HASHES[1], tree_hash(0, new), path),
        (tree_hash(0, old), tree_hash(0, new), [*path, HASHES[0]]),
    ):
        with pytest.raises(ProofError):
            merkle.verify_consistency(old, new, before, after, steps)
    if 0 < old < new:
        with pytest.raises(ProofError):
            merkle.verify_consistency(old, new, tree_hash(0, old), HASHES[0], path)
        with pytest.raises(ProofError):
            merkle.verify_consistency(old, new, tree_hash(0, old), tree_hash(0, new), path[:-1])


def test_L01_all_proofs_of_small_trees() -> None:
    for size in range(1, 34):
        for index in range(size):
            path = proof(merkle.inclusion_ranges(index, size))
            merkle.verify_inclusion(index, size, HASHES[index], path, tree_hash(0, size))
            for other in set(range(size)) - {index}:
                with pytest.raises(ProofError):
                    merkle.verify_inclusion(other, size, HASHES[index], path, tree_hash(0, size))
            old = index + 1
            path = proof(merkle.consistency_ranges(old, size))
            merkle.verify_consistency(old, size, tree_hash(0, old), tree_hash(0, size), path)


def test_nonsense_has_no_proof() -> None:
    for index, size in ((0, 0), (-1, 4), (4, 4)):
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion_ranges(index, size)
        with pytest.raises(ProofError):
            merkle.verify_inclusion(index, size, HASHES[0], [], HASHES[0])
    with pytest.raises(ValueError, match="smaller"):
        merkle.consistency_ranges(5, 4)
    with pytest.raises(ProofError):
        merkle.verify_consistency(5, 4, HASHES[0], HASHES[0], [])
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_inclusion(0, 2, HASHES[0], [b""], HASHES[0])
    with pytest.raises(ValueError, match="one hash for each"):
        Frontier(3, HASHES[:1])
