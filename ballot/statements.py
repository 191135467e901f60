"""What the ballot says to the database. No statement here may fail on a value: PostgreSQL would quote it."""

from typing import Final

from sqlalchemy import text

ENDED: Final = ("closed", "rejected", "withdrawn")
PETITION: Final = text(
    "SELECT p.state, p.ends_on, k.public_key, k.sealed_private FROM petition p "
    "LEFT JOIN ballot_key k ON k.petition_id = p.id WHERE p.id = :petition"
)
ISSUE: Final = text(
    "INSERT INTO ballot_issue (petition_id, eligible, blinded_hash) VALUES (:petition, :eligible, :hash) "
    "ON CONFLICT DO NOTHING"
)
ISSUED: Final = text("SELECT blinded_hash FROM ballot_issue WHERE petition_id = :petition AND eligible = :eligible")
INSTEAD: Final = text(
    "UPDATE ballot_issue SET blinded_hash = :hash "
    "WHERE petition_id = :petition AND eligible = :eligible AND blinded_hash = :named"
)
SPEND: Final = text(
    "UPDATE ballot_issue SET blinded_hash = :spent WHERE petition_id = :petition AND eligible = :eligible"
)
PETITIONS: Final = text(
    "SELECT p.id, p.ends_on, k.public_key, p.state = ANY (:ended) OR k.sealed_private IS NULL FROM petition p "
    "LEFT JOIN ballot_key k ON k.petition_id = p.id WHERE p.state = ANY (:ended) OR k.public_key IS NOT NULL"
)
NUMBERS: Final = text(
    "SELECT petition_id, CASE WHEN on_day IS NOT NULL THEN 1 WHEN void THEN 2 ELSE 3 END AS mark, "
    "string_agg(nullifier, NULL ORDER BY nullifier) FROM ballot_vote GROUP BY 1, 2"
)
RUNNING: Final = text("SELECT id FROM petition WHERE id = ANY (:petitions) AND state <> ALL (:ended)")
COUNT: Final = text(
    "INSERT INTO ballot_vote (petition_id, nullifier, on_day, void) VALUES (:petition, :nullifier, :on_day, :void) "
    "ON CONFLICT (petition_id, nullifier) DO UPDATE SET on_day = EXCLUDED.on_day, void = EXCLUDED.void"
)
DUE: Final = text(
    "SELECT EXISTS (SELECT FROM ballot_key WHERE sealed_private IS NOT NULL AND coalesce(emptied_on < :today, true))"
)
EMPTIED: Final = text("UPDATE ballot_key SET emptied_on = :today WHERE sealed_private IS NOT NULL")
KEYLESS: Final = text(
    "SELECT p.id FROM petition p WHERE p.state <> ALL (:ended) AND p.ends_on >= :today "
    "AND NOT EXISTS (SELECT FROM ballot_key k WHERE k.petition_id = p.id) LIMIT 1"
)
KEEP_KEY: Final = text(
    "INSERT INTO ballot_key (petition_id, public_key, sealed_private, emptied_on) "
    "VALUES (:petition, :public, :sealed, :today) ON CONFLICT DO NOTHING"
)
_OVER = "SELECT id FROM petition WHERE state = ANY (:ended)"
TIDY: Final = (
    text(f"UPDATE ballot_key SET sealed_private = NULL WHERE sealed_private IS NOT NULL AND petition_id IN ({_OVER})"),
    text(f"DELETE FROM ballot_issue WHERE petition_id IN ({_OVER})"),
    text(f"DELETE FROM ballot_vote WHERE petition_id IN ({_OVER})"),
)
