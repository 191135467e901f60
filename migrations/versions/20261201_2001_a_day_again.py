"""a day again: a checked day is looked at again once something that concerns it is written, and items keep their zone"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_2001"
down_revision = "20261201_2026"
branch_labels = None
depends_on = None

KEPT = "personal: retention, erasure"
HEADER_READERS = ("gateway", "readback", "web_employee", "worker")
# Refused uploads and leases are kept for 90 days: what is older cannot be checked again without being called lost.
AGAIN = "SET again_at = least(again_at, now())"
RECENT = "day > current_date - 60"
# One day after the other, in order: two writers that wait for each other's days would wait for ever.
BY_SEGMENT = f"""
CREATE FUNCTION again_by_segment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT employee_id AS person, local_day AS on_day FROM added WHERE erasure_id IS NULL
                UNION SELECT employee_id, (started_at AT TIME ZONE 'UTC')::date FROM added WHERE erasure_id IS NULL
                ORDER BY 1, 2
    LOOP
        UPDATE reconciliation {AGAIN} WHERE employee_id = one.person AND day = one.on_day AND {RECENT};
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER again_insert AFTER INSERT ON segment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION again_by_segment();
CREATE TRIGGER again_update AFTER UPDATE ON segment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION again_by_segment();
"""
# A tally also says which numbers lie between it and the next one.
BY_TALLY = f"""
CREATE FUNCTION again_by_tally() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE reconciliation {AGAIN} WHERE employee_id = NEW.employee_id AND day >= NEW.day AND {RECENT};
    RETURN NULL;
END $$;
CREATE TRIGGER again AFTER INSERT ON tally FOR EACH ROW EXECUTE FUNCTION again_by_tally();
"""
# What begins now touches no day that is over; what is told later than it began does.
BY_PAUSE = f"""
CREATE FUNCTION again_by_pause() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE reconciliation {AGAIN}
     WHERE employee_id = NEW.employee_id AND due_at > NEW.starts_at AND {RECENT}
       AND day <= coalesce(least(NEW.ends_at, NEW.ended_at) AT TIME ZONE 'UTC', 'infinity')::date + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER again AFTER INSERT ON pause FOR EACH ROW EXECUTE FUNCTION again_by_pause();
"""
BY_STOP = f"""
CREATE FUNCTION again_by_stop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE reconciliation {AGAIN}
     WHERE day >= (NEW.asked_at AT TIME ZONE 'UTC')::date - 2 AND due_at > NEW.asked_at AND {RECENT}
       AND day <= coalesce(NEW.resumed_at AT TIME ZONE 'UTC', 'infinity')::date + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER again AFTER INSERT ON stop FOR EACH ROW EXECUTE FUNCTION again_by_stop();
"""
TABLES = {"segment": ("again_insert", "again_update"), "tally": ("again",), "pause": ("again",), "stop": ("again",)}


def upgrade() -> None:
    op.add_column("segment", sa.Column("zone", sa.Text(), nullable=True, comment=KEPT))
    for login in HEADER_READERS:
        op.execute(f"GRANT SELECT (zone) ON segment TO {login}")
    op.add_column("reconciliation", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_reconciliation_again", "reconciliation", ["again_at"], postgresql_where=sa.text("again_at IS NOT NULL")
    )
    op.execute("GRANT UPDATE (again_at) ON reconciliation TO worker")
    op.execute("UPDATE reconciliation SET again_at = now() WHERE state IS NOT NULL AND day > current_date - 7")
    for statement in (BY_SEGMENT, BY_TALLY, BY_PAUSE, BY_STOP):
        op.execute(statement)
    for table in TABLES:
        op.execute(f"REVOKE ALL ON FUNCTION again_by_{table}() FROM PUBLIC")


def downgrade() -> None:
    for table, triggers in TABLES.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION again_by_{table}()")
    op.execute("REVOKE UPDATE (again_at) ON reconciliation FROM worker")
    op.drop_index("ix_reconciliation_again", table_name="reconciliation")
    op.drop_column("reconciliation", "again_at")
    op.drop_column("segment", "zone")
