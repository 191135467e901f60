"""stops: stop for all, who answered it, its end by officer and council"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_1320"
down_revision = "20261129_1310"
branch_labels = None
depends_on = None

EVERY = "true"
OWN = "employee_id = (SELECT actor_id())"
DESK = "SELECT, INSERT (id, sites, reason, asked_at), UPDATE (resume_envelope, resumed_at)"
GRANTS = {
    "stop": {
        "web_employee": "SELECT (id, number, sites, reason, by_role, asked_at, resumed_at)",
        "web_officer": DESK,
        "web_council": DESK,
        "gateway": "SELECT (id, number, sites, asked_at, envelope, resume_envelope, resumed_at), UPDATE (envelope)",
        "worker": "SELECT, UPDATE (record, recorded_at)",
    },
    "stop_device": {},
    "stop_answer": {
        "gateway": "SELECT, INSERT (stop_id, device_id, employee_id), UPDATE (resumed_at)",
        "web_employee": "SELECT",
    },
}
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

# Nobody stops, and nobody resumes, without a line of the log: the desks cannot write there themselves.
LOGGED = f"""
CREATE FUNCTION stop_is_logged() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
    VALUES (actor_id(),
            CASE session_user WHEN 'web_officer' THEN 'privacy_officer' WHEN 'web_council' THEN 'works_council'
                 ELSE session_user END,
            CASE WHEN TG_OP = 'INSERT' THEN 'stop.begun' WHEN NEW.resumed_at IS NULL THEN 'stop.resume_signed'
                 ELSE 'stop.ended' END,
            NEW.id, NULL,
            jsonb_build_object('number', NEW.number, 'sites', NEW.sites)
            || CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_object('reason', NEW.reason) ELSE '{{}}'::jsonb END);
    RETURN NULL;
END $$;
CREATE TRIGGER stop_begun AFTER INSERT ON stop FOR EACH ROW EXECUTE FUNCTION stop_is_logged();
CREATE TRIGGER stop_resumed AFTER UPDATE OF resume_envelope, resumed_at ON stop FOR EACH ROW
    WHEN (OLD.resume_envelope IS DISTINCT FROM NEW.resume_envelope OR OLD.resumed_at IS DISTINCT FROM NEW.resumed_at)
    EXECUTE FUNCTION stop_is_logged();
"""
# Which devices could capture in that moment. The gateway calls it once it has told them; again it changes nothing.
NOTE = f"""
CREATE FUNCTION stop_note(p_stop uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    INSERT INTO stop_device (stop_id, device_id, employee_id, lease_until)
    SELECT s.id, d.id, d.employee_id, max(l.valid_until)
      FROM stop s
      JOIN employee e ON (s.sites IS NULL) OR (e.site = ANY (s.sites))
      JOIN device d ON d.employee_id = e.id AND d.kind = 'collector' AND d.removed_at IS NULL
      JOIN lease_span l ON l.employee_id = e.id AND l.valid_until > s.asked_at AND d.id = ANY (l.devices)
                       AND l.permitted <> '{{}}'::jsonb
     WHERE s.id = p_stop AND e.left_at IS NULL
     GROUP BY s.id, d.id, d.employee_id
        ON CONFLICT (stop_id, device_id) DO NOTHING;
$$;
"""
# The council, and the record that goes to both, get no number from which fewer than ten devices can be told (D01).
EFFECT = f"""
CREATE FUNCTION stop_effect(p_stop uuid)
RETURNS TABLE (devices bigint, stopped bigint, unreached bigint, running bigint, later bigint, last_ms bigint, steps bigint[])
LANGUAGE plpgsql STABLE {HEAD} AS $$
DECLARE
    exact bool := session_user = 'web_officer';
    few int := 10;
    began timestamptz;
    total bigint;
    done bigint;
    runs bigint;
    late bigint;
    times bigint[];
    shares bigint[];
BEGIN
    SELECT s.asked_at INTO began FROM stop s WHERE s.id = p_stop;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*), count(a.device_id), count(*) FILTER (WHERE a.device_id IS NULL AND d.lease_until > clock_timestamp()),
           array_agg(greatest(extract(epoch FROM a.answered_at - began) * 1000, 0)::bigint ORDER BY a.answered_at)
           FILTER (WHERE a.device_id IS NOT NULL)
      INTO total, done, runs, times
      FROM stop_device d LEFT JOIN stop_answer a ON a.stop_id = d.stop_id AND a.device_id = d.device_id
     WHERE d.stop_id = p_stop;
    SELECT count(*) INTO late FROM stop_answer a
     WHERE a.stop_id = p_stop AND NOT EXISTS (SELECT FROM stop_device d WHERE d.stop_id = a.stop_id AND d.device_id = a.device_id);
    IF NOT exact AND total < few THEN
        RETURN QUERY SELECT NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint[];
        RETURN;
    END IF;
    SELECT array_agg(CASE WHEN place > done THEN NULL WHEN exact THEN times[place]
                          WHEN place >= few AND (place = total OR total - place >= few) THEN times[place] END ORDER BY share)
      INTO shares
      FROM (SELECT share, ceil(total * share / 100.0)::int AS place FROM generate_series(1, 100) share) p;
    RETURN QUERY SELECT total,
        CASE WHEN exact OR (done NOT BETWEEN 1 AND few - 1 AND total - done NOT BETWEEN 1 AND few - 1) THEN done END,
        CASE WHEN exact OR (done NOT BETWEEN 1 AND few - 1 AND total - done NOT BETWEEN 1 AND few - 1) THEN total - done END,
        CASE WHEN exact OR (runs NOT BETWEEN 1 AND few - 1 AND (total - done - runs) NOT BETWEEN 1 AND few - 1) THEN runs END,
        CASE WHEN exact OR late NOT BETWEEN 1 AND few - 1 THEN late END,
        CASE WHEN exact OR done = total THEN times[done] END,
        shares;
END $$;
CREATE FUNCTION stop_unreached(p_stop uuid, p_most int)
RETURNS TABLE (name text, site text, last_seen_at timestamptz, lease_until timestamptz)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT d.name, e.site, d.last_seen_at, c.lease_until
      FROM stop_device c JOIN device d ON d.id = c.device_id JOIN employee e ON e.id = c.employee_id
     WHERE c.stop_id = p_stop
       AND NOT EXISTS (SELECT FROM stop_answer a WHERE a.stop_id = c.stop_id AND a.device_id = c.device_id)
     ORDER BY c.lease_until DESC, d.name, d.id LIMIT p_most;
$$;
CREATE FUNCTION stop_sites() RETURNS TABLE (site text) LANGUAGE sql STABLE {HEAD} AS $$
    SELECT e.site FROM employee e WHERE e.left_at IS NULL AND e.site IS NOT NULL GROUP BY e.site HAVING count(*) >= 10 ORDER BY 1;
$$;
"""
FUNCTIONS = {
    "stop_note(uuid)": "gateway",
    "stop_effect(uuid)": "web_officer, web_council, worker",
    "stop_unreached(uuid, int)": "web_officer",
    "stop_sites()": "web_officer, web_council",
}
WHO = "CASE session_user WHEN 'web_officer' THEN 'privacy_officer' WHEN 'web_council' THEN 'works_council' END"


def upgrade() -> None:
    op.create_table(
        "stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sites", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "by_role",
            sa.Enum(
                "privacy_officer", "works_council", name="by_role", native_enum=False, create_constraint=True, length=32
            ),
            server_default=sa.text(WHO),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=True),
        sa.Column("resume_envelope", sa.Text(), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("resumed_at IS NULL OR resume_envelope IS NOT NULL", name=op.f("ck_stop_resumed")),
        sa.CheckConstraint("resumed_at >= asked_at", name=op.f("ck_stop_order")),
        sa.CheckConstraint("cardinality(sites) > 0", name=op.f("ck_stop_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
        sa.UniqueConstraint("number", name=op.f("uq_stop_number")),
    )
    op.create_index("ix_stop_open", "stop", ["asked_at"], unique=False, postgresql_where=sa.text("resumed_at IS NULL"))
    op.create_table(
        "stop_device",
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_stop_device_employee_id")),
        sa.PrimaryKeyConstraint("stop_id", "device_id", name=op.f("pk_stop_device")),
    )
    op.create_index(op.f("ix_stop_device_employee_id"), "stop_device", ["employee_id"], unique=False)
    op.create_table(
        "stop_answer",
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_stop_answer_employee_id")),
        sa.PrimaryKeyConstraint("stop_id", "device_id", name=op.f("pk_stop_answer")),
    )
    op.create_index(op.f("ix_stop_answer_employee_id"), "stop_answer", ["employee_id"], unique=False)
    _more_than_tables()


def downgrade() -> None:
    op.execute("DROP TRIGGER stop_resumed ON stop")
    op.execute("DROP TRIGGER stop_begun ON stop")
    op.execute("DROP FUNCTION stop_is_logged()")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table in reversed(GRANTS):
        op.drop_table(table)


def _more_than_tables() -> None:
    for table, grants in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in grants.items():
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            seen = OWN if (table, login) == ("stop_answer", "web_employee") else EVERY
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    for part in (LOGGED, NOTE, EFFECT):
        op.execute(part)
    op.execute("REVOKE ALL ON FUNCTION stop_is_logged() FROM PUBLIC")
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")
