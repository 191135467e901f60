"""Whatever is changed in the database, an outsider with one old checkpoint finds it (L02)."""

from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit.keys import LogKey
from portal.core.logins import LOGINS
from tests.audit.conftest import BATCHES
from tests.audit.logs import Log
from wire import merkle
from wire.checkpoint import Checkpoint
from wire.merkle import Frontier

UNNUMBERED = "ALTER TABLE audit_entry ALTER id DROP IDENTITY; "
UNHEARD = "SET session_replication_role = replica; "
TABLES = ("audit_entry", "log_leaf", "log_node", "log_head", "log_pending")
OTHER = "decode(repeat('ab', 32), 'hex')"
CHANGES = {
    "edit an entry's time": "UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = 3",
    "edit its actor": "UPDATE audit_entry SET actor_id = gen_random_uuid() WHERE id = 3",
    "forget its actor": "UPDATE audit_entry SET actor_id = NULL WHERE id = 3",
    "edit its role": "UPDATE audit_entry SET actor_role = 'worker' WHERE id = 3",
    "edit its action": "UPDATE audit_entry SET action = 'other' WHERE id = 3",
    "edit its object": "UPDATE audit_entry SET object_id = gen_random_uuid() WHERE id = 3",
    "edit its person": "UPDATE audit_entry SET employee_id = gen_random_uuid() WHERE id = 3",
    "edit its detail": "UPDATE audit_entry SET detail = '{}' WHERE id = 3",
    "edit a digit of its detail": """UPDATE audit_entry SET detail = '{"n": 1.5, "ü": ["x", null]}' WHERE id = 3""",
    "edit its salt": f"UPDATE audit_entry SET salt = {OTHER} WHERE id = 3",
    "renumber it": UNNUMBERED + "UPDATE audit_entry SET id = 99 WHERE id = 3",
    "edit the first": "UPDATE audit_entry SET action = 'other' WHERE id = 1",
    "edit the last": "UPDATE audit_entry SET action = 'other' WHERE id = 21",
    "delete an entry": "DELETE FROM audit_entry WHERE id = 3",
    "delete the last entry": "DELETE FROM audit_entry WHERE id = 21",
    "delete an entry and its leaf": "DELETE FROM audit_entry WHERE id = 3; DELETE FROM log_leaf WHERE entry_id = 3",
    "delete a waiting entry": "DELETE FROM audit_entry WHERE action = 'waiting'",
    "keep an entry out": "DELETE FROM log_pending",
    "insert an entry": UNHEARD + "INSERT INTO audit_entry (actor_role, action) VALUES ('x', 'x')",
    "let a ghost wait": "INSERT INTO log_pending VALUES (99)",
    "let an entry wait again": "INSERT INTO log_pending VALUES (3)",
    "edit a leaf's entry": "UPDATE log_leaf SET entry_id = 22 WHERE index = 2",
    "edit a leaf's commitment": f"UPDATE log_leaf SET commitment = {OTHER} WHERE index = 2",
    "edit a leaf's hash": f"UPDATE log_leaf SET hash = {OTHER} WHERE index = 2",
    "delete a leaf": "DELETE FROM log_leaf WHERE index = 2",
    "delete the last leaf": "DELETE FROM log_leaf WHERE index = 20",
    "insert a leaf": f"INSERT INTO log_leaf VALUES (21, 22, {OTHER}, {OTHER})",
    "insert a leaf twice": "ALTER TABLE log_leaf DROP CONSTRAINT pk_log_leaf, DROP CONSTRAINT uq_log_leaf_entry_id; "
    "INSERT INTO log_leaf SELECT * FROM log_leaf WHERE index = 2",
    "swap two leaves": "UPDATE log_leaf SET index = -index - 1 WHERE index IN (2, 3); "
    "UPDATE log_leaf SET index = CASE index WHEN -3 THEN 3 ELSE 2 END WHERE index < 0",
    "swap two entries": UNNUMBERED + "UPDATE audit_entry SET id = id + 1000 WHERE id IN (3, 4); "
    "UPDATE audit_entry SET id = CASE id WHEN 1003 THEN 4 ELSE 3 END WHERE id > 1000",
    "edit a node": f"UPDATE log_node SET hash = {OTHER} WHERE level = 1 AND index = 1",
    "delete a node": "DELETE FROM log_node WHERE level = 2 AND index = 0",
    "insert a node": f"INSERT INTO log_node VALUES (5, 0, {OTHER})",
    "edit a head's size": "UPDATE log_head SET size = 6 WHERE number = 1",
    "edit a head's root": f"UPDATE log_head SET root = {OTHER} WHERE number = 1",
    "edit a head's note": "UPDATE log_head SET note = replace(note, '/log', '/lag') WHERE number = 1",
    "give a head another's note": "UPDATE log_head h SET note = o.note FROM log_head o WHERE h.number + 1 = o.number",
    "delete a head": "DELETE FROM log_head WHERE number = 2",
    "delete the newest head": "DELETE FROM log_head WHERE number = 3",
    "delete every head": "DELETE FROM log_head",
    "insert a head": f"INSERT INTO log_head VALUES (4, 22, {OTHER}, 'x', now())",
}
CUT = (
    "DELETE FROM audit_entry WHERE id > 14; DELETE FROM log_leaf WHERE index >= 14; DELETE FROM log_pending; "
    "DELETE FROM log_node WHERE ((index + 1) << level::int) > 14; DELETE FROM log_head WHERE size > 14"
)


def test_an_untouched_log_is_whole(log: Log) -> None:
    for kept in ([], log.heads()):
        report = log.verify(kept)
        assert report.findings == []
        assert (report.leaves, report.checkpoints, report.waiting) == (sum(BATCHES), len(BATCHES), 2)


@pytest.mark.parametrize("change", CHANGES)
def test_L02_any_changed_row_is_found(log: Log, change: str) -> None:
    kept = log.heads()[-1:]
    log.ask(CHANGES[change])
    assert log.verify(kept).findings != []


def test_L02_a_log_cut_off_cleanly_is_found_with_one_old_checkpoint(log: Log) -> None:
    old, *_, newest = log.heads()
    log.ask(CUT)
    assert log.verify([newest]).findings == [
        "the kept checkpoint of 21 entries covers more than the 14 leaves that are there"
    ]
    # What was cut off later than the one old checkpoint says: nobody can know that from these rows.
    assert log.verify([old]).findings == []


def test_L02_everything_gone_is_found(log: Log) -> None:
    kept = log.heads()[:1]
    log.ask("TRUNCATE audit_entry, log_leaf, log_node, log_head, log_pending")
    assert len(log.verify(kept).findings) == 1


def rewrite(log: Log, key: LogKey) -> None:
    """Change an entry, then make leaves, nodes and checkpoints anew as if it had always been so."""
    log.ask("UPDATE audit_entry SET action = 'other' WHERE id = 3; TRUNCATE log_head, log_node, log_leaf, log_pending")
    log.ask("INSERT INTO log_pending SELECT id FROM audit_entry WHERE action <> 'waiting'")
    replace_key, log.key = log.key, key
    log.sequence()
    log.key = replace_key


def test_L02_a_rewritten_log_does_not_bear_the_logs_signature(log: Log) -> None:
    rewrite(log, replace(log.key, private=Ed25519PrivateKey.generate()))
    assert any("not signed by" in finding for finding in log.verify().findings)


def test_L02_even_the_signing_key_does_not_rewrite_what_a_witness_holds(log: Log) -> None:
    old = log.heads()[0]
    rewrite(log, log.key)
    log.write(1)
    log.ask("INSERT INTO log_pending SELECT id FROM audit_entry WHERE action = 'waiting' ON CONFLICT DO NOTHING")
    log.sequence()
    assert log.verify().findings == []
    assert log.verify([old]).findings == ["the kept checkpoint of 5 entries has another root than the entries"]


def test_L02_a_forged_leaf_with_fitting_nodes_has_another_root(log: Log) -> None:
    frontier, nodes = Frontier(), []
    hashes = [bytes(row[0]) for row in log.ask("SELECT hash FROM log_leaf ORDER BY index")]
    hashes[2] = merkle.leaf_hash(bytes(32))
    for leaf in hashes:
        nodes += frontier.append(leaf)
    for (level, index), value in nodes:
        log.ask("UPDATE log_node SET hash = %s WHERE level = %s AND index = %s", value, level, index)
    log.ask("UPDATE log_leaf SET commitment = %s, hash = %s WHERE index = 2", bytes(32), hashes[2])
    log.ask("DELETE FROM audit_entry WHERE id = 3")
    assert sum("another root" in finding for finding in log.verify().findings) == len(BATCHES)


def test_L02_no_login_may_change_the_log(log: Log) -> None:
    log.ask("ALTER TABLE audit_entry ALTER id DROP IDENTITY")
    attributes = "SELECT attname FROM pg_attribute WHERE attnum > 0 AND attrelid = %s::regclass"
    columns = {table: [name for (name,) in log.ask(attributes, table)] for table in TABLES}
    statements = [f"UPDATE public.{table} SET {name} = {name}" for table, names in columns.items() for name in names]
    statements += [f"{verb} public.{table}" for table in TABLES for verb in ("DELETE FROM", "TRUNCATE")]
    allowed = []
    for login in set(LOGINS) - {"migrator"}:
        with psycopg.connect(log.settings.conninfo(login), autocommit=True) as connection:
            for statement in statements:
                with suppress(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
                    allowed.append((login, statement))
    assert allowed == [("worker", "DELETE FROM public.log_pending")]


def test_a_checkpoint_of_another_tree_is_told_apart(log: Log) -> None:
    assert log.verify([Checkpoint(log.key.origin, 7, bytes(32))]).findings != []
    assert log.verify([Checkpoint(log.key.origin, 0, merkle.EMPTY_ROOT)]).findings == []
