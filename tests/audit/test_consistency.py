"""Whoever kept a checkpoint learns offline whether a later log begins, unchanged, with what it covered (L02, L04)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verify_receipt
from tests.audit.logs import Log
from tests.audit.test_jobs import command
from tests.audit.test_verifying import CUT, rewrite
from tests.wire.test_merkle import CONSISTENCY, HASHES, ROOTS, proof, tree_hash
from verify_receipt import BadReceiptError, check_growth
from wire import merkle

Proof = dict[str, Any]
SCRIPT = Path(verify_receipt.__file__)
REORDER = (
    "ALTER TABLE audit_entry ALTER id DROP IDENTITY; UPDATE audit_entry SET id = id + 1000 WHERE id IN (3, 4); "
    "UPDATE audit_entry SET id = CASE id WHEN 1003 THEN 4 ELSE 3 END WHERE id > 1000"
)


def asked(log: Log, *words: object) -> Proof:
    """What the keeper of the log prints."""
    code, said = command(log, "consistency", *map(str, words))
    assert code == 0, said
    found: Proof = json.loads(said)
    return found


def outsider(folder: Path, heads: list[str], found: Proof, *words: str) -> tuple[int, str]:
    """Exit code and answer of somebody who has these checkpoints, and no database."""
    (folder / "kept").write_text("".join(f"\n{note}" for note in heads))
    (folder / "proof.json").write_text(json.dumps(found))
    files = ("--head", str(folder / "kept"), "--consistency", str(folder / "proof.json"))
    given = [sys.executable, "-I", str(SCRIPT), *files, *(words or ("--key", found["key"]))]
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_L04_each_later_log_begins_with_a_kept_checkpoint(log: Log, tmp_path: Path) -> None:
    first, second, newest = log.notes()
    assert asked(log, 5) == asked(log, 5, 21)
    for notes, old, new in (([first], 5, 21), ([first], 5, 14), ([second], 14, 21), ([newest], 21, 21)):
        found = asked(log, old, new)
        sentence = f"PROVED\nThe log of {new} entries begins, unchanged, with the {old} of before.\n"
        assert outsider(tmp_path, notes, found) == (0, sentence)
    log.write(12)
    log.sequence()
    found = asked(log, 5)
    assert (found["old"], found["checkpoint"]) == (5, log.notes()[-1])
    assert len(found["path"]) == len(merkle.consistency_ranges(5, 35))
    code, said = outsider(tmp_path, [first, second, newest], found)
    assert (code, "The log of 35 entries" in said) == (0, True), said


def test_L04_a_rewritten_log_does_not_begin_with_a_kept_checkpoint(log: Log, tmp_path: Path) -> None:
    first = log.notes()[0]
    rewrite(log, log.key)
    found = asked(log, 5)
    refused = (1, "NOT PROVED: the newer log does not begin with the older one.\n")
    assert outsider(tmp_path, [first], found) == refused
    assert command(log, "verify", "--head", str(tmp_path / "kept"))[0] == 1


def test_L04_two_entries_that_changed_places_are_found(log: Log, tmp_path: Path) -> None:
    first = log.notes()[0]
    log.ask(REORDER + "; TRUNCATE log_head, log_node, log_leaf, log_pending")
    log.ask("INSERT INTO log_pending SELECT id FROM audit_entry")
    log.sequence()
    assert log.verify().findings == []
    assert outsider(tmp_path, [first], asked(log, 5))[1].startswith("NOT PROVED: the newer log does not begin")


def test_L04_a_fork_of_the_same_size_is_found(log: Log, another: Callable[[], Log], tmp_path: Path) -> None:
    fork = another()
    rewrite(fork, fork.key)
    found = asked(log, 5)
    heads = [log.notes()[0], fork.notes()[-1]]
    assert outsider(tmp_path, heads, found) == (1, "NOT PROVED: a checkpoint that was kept says something else.\n")


def test_L04_of_a_log_that_was_cut_off_nothing_can_be_shown(log: Log, tmp_path: Path) -> None:
    newest, whole = log.notes()[-1], asked(log, 14)
    log.ask(CUT)
    said = "Error: A log of 14 entries does not begin with 21.\n"
    assert command(log, "consistency", "21") == command(log, "consistency", "21", "14") == (1, said)
    cut = asked(log, 5) | {"old": 21}
    assert outsider(tmp_path, [newest], cut)[1] == "NOT PROVED: the older log is larger than the newer one.\n"
    assert outsider(tmp_path, [newest], asked(log, 5))[1] == (
        "NOT PROVED: no checkpoint of 5 entries was given, with which the proof begins.\n"
    )
    assert outsider(tmp_path, log.notes(), whole)[0] == 0


FORGERIES: dict[str, Callable[[Proof], Proof]] = {
    "another size": lambda given: given | {"old": 14},
    "a longer path": lambda given: given | {"path": [*given["path"], "00" * 32]},
    "a shorter path": lambda given: given | {"path": given["path"][:-1]},
    "no path": lambda given: given | {"path": []},
    "reordered": lambda given: given | {"path": given["path"][::-1]},
    "another hash": lambda given: given | {"path": ["11" * 32, *given["path"][1:]]},
    "a short hash": lambda given: given | {"path": [given["path"][0][2:], *given["path"][1:]]},
    "another checkpoint": lambda given: given | {"checkpoint": given["checkpoint"].replace("\n21\n", "\n22\n")},
    "another format": lambda given: given | {"format": 2},
    "no proof": lambda given: {"key": given["key"]},
    "a text for a number": lambda given: given | {"old": "5"},
}


@pytest.fixture(scope="module")
def whole(template: Log) -> Proof:
    return asked(template, 5)


@pytest.mark.parametrize("name", FORGERIES)
def test_L04_a_forged_proof_is_refused(template: Log, whole: Proof, tmp_path: Path, name: str) -> None:
    assert outsider(tmp_path, template.notes(), whole)[0] == 0
    code, said = outsider(tmp_path, template.notes(), FORGERIES[name](whole))
    assert (code, said.startswith("NOT PROVED: ")) == (1, True), said


def test_a_key_of_ones_own_is_compared_and_the_files_own_is_named(log: Log, tmp_path: Path) -> None:
    found = asked(log, 5)
    code, said = outsider(tmp_path, log.notes(), found, "--key", "a+b+c")
    assert (code, said.startswith("NOT PROVED: ")) == (1, True)
    (tmp_path / "kept").write_text(log.notes()[0])
    files = ("--head", str(tmp_path / "kept"), "--consistency", str(tmp_path / "proof.json"))
    done = subprocess.run([sys.executable, str(SCRIPT), *files], capture_output=True, text=True, check=False)
    assert (done.returncode, f"a key of their own. This one's: {found['key']}" in done.stdout) == (4, True)
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, "give a receipt, or" in done.stderr) == (2, True)


def test_the_command_shows_no_tree_that_was_changed(log: Log, another: Callable[[], Log]) -> None:
    said = "Error: The stored tree is not the signed one; run `python -m portal log verify`.\n"
    log.ask("DELETE FROM log_node WHERE level = 2 AND index = 0")
    assert command(log, "consistency", "5") == (1, said)
    changed = another()
    changed.ask("UPDATE log_node SET hash = decode(repeat('ab', 32), 'hex') WHERE level = 2 AND index = 0")
    assert command(changed, "consistency", "5") == (1, said)
    assert command(changed, "consistency", "5", "20") == (1, "Error: The log has no checkpoint of 20 entries.\n")
    changed.ask("TRUNCATE log_head")
    assert command(changed, "consistency", "5") == (1, "Error: The log has no checkpoint yet.\n")
    assert command(changed, "consistency", "0")[0] == 2


def test_L04_the_scripts_proof_is_that_of_the_published_values() -> None:
    for (old, new), path in CONSISTENCY.items():
        steps = [bytes.fromhex(step) for step in path]
        check_growth(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), steps)


def test_L04_the_script_agrees_with_the_log_about_all_small_trees() -> None:
    for new in range(1, 34):
        for old in range(1, new + 1):
            path, roots = proof(merkle.consistency_ranges(old, new)), (tree_hash(0, old), tree_hash(0, new))
            check_growth(old, new, *roots, path)
            wrong = [(old, new, roots, [*path, HASHES[0]]), (old, new, (HASHES[40], roots[1]), path)]
            wrong += [
                (old, new, (roots[0], HASHES[40]), path),
                (old + 1, new, roots, path),
                (new + 1, new, roots, path),
            ]
            wrong += [(old, new, roots, path[:-1])] if path else []
            for before, after, given, steps in wrong:
                with pytest.raises(BadReceiptError):
                    check_growth(before, after, *given, steps)


def test_two_logs_that_begin_alike_need_not_agree() -> None:
    pairs, later = [(5, 14), (5, 21)], verify_receipt.later
    assert later(5, pairs) == {5, 14, 21}
    assert not later(14, pairs) & later(21, pairs)
    assert later(14, [*pairs, (14, 21)]) & later(21, pairs) == {21}
