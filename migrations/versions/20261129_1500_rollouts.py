"""rollouts: a policy that asks for more goes out in rings; every act on a rollout is kept with its figures"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_1500"
down_revision = "20261129_1400"
branch_labels = None
depends_on = None

EVERY = "true"
READ = "SELECT"
GRANTS = {
    "rollout": {
        "web_officer": "SELECT, INSERT (policy_id, rings), UPDATE (ring, state, reason)",
        "web_council": "SELECT, INSERT (policy_id, rings), UPDATE (state, reason)",
        "worker": "SELECT, UPDATE (state, reason)",
    },
    "rollout_step": {"web_officer": READ, "web_council": READ},
}
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
WHO = (
    "CASE session_user WHEN 'web_officer' THEN 'privacy_officer' WHEN 'web_council' THEN 'works_council' "
    "ELSE session_user END"
)
FROZEN = """
CREATE OR REPLACE FUNCTION policy_draft_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'a submitted draft does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ('withdrawn', 'published', 'rejected') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'this draft is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FIXED = ("content", "title", "replaces_version", "replaces_hash", "submitted_at")
# The same place as portal.policies.rules.place: whoever is below the percentage reached has the policy.
PLACE = f"""
CREATE FUNCTION rollout_place(p_hash text, p_person uuid) RETURNS int LANGUAGE sql IMMUTABLE {HEAD} AS $$
    SELECT (('x' || encode(substr(sha256(convert_to(p_hash || p_person::text, 'UTF8')), 1, 4), 'hex'))::bit(32)::bigint % 10000)::int
$$;
CREATE FUNCTION policy_audience(p_envelope text) RETURNS jsonb LANGUAGE sql IMMUTABLE {HEAD} AS $$
    SELECT convert_from(decode(p_envelope::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'audience'
$$;
CREATE FUNCTION audience_limits(p_audience jsonb) RETURNS int LANGUAGE sql IMMUTABLE {HEAD} AS $$
    SELECT (p_audience ->> 'sites' IS NOT NULL)::int + (p_audience ->> 'departments' IS NOT NULL)::int
         + (p_audience ->> 'countries' IS NOT NULL)::int
$$;
CREATE FUNCTION audience_holds(p_audience jsonb, p_site text, p_department text, p_country text)
RETURNS bool LANGUAGE sql IMMUTABLE {HEAD} AS $$
    SELECT (p_audience ->> 'sites' IS NULL OR coalesce(p_audience -> 'sites' ? p_site, false))
       AND (p_audience ->> 'departments' IS NULL OR coalesce(p_audience -> 'departments' ? p_department, false))
       AND (p_audience ->> 'countries' IS NULL OR coalesce(p_audience -> 'countries' ? p_country, false))
$$;
"""
# Devices of each ring, and of each site within the rings reached, by how far the policy got. Sites with few devices are
# put together. Council and steps get no number from which fewer than ten devices can be told (D01).
FIGURES = f"""
CREATE FUNCTION rollout_counts(p_policy uuid, p_exact bool)
RETURNS TABLE (ring int, site text, devices bigint, offered bigint, received bigint, applied bigint, failed bigint)
LANGUAGE sql STABLE {HEAD} AS $$
    WITH rolled AS (
        SELECT p.hash, p.reached, p.not_before, r.rings, a.audience, audience_limits(a.audience) AS limits
          FROM rollout r JOIN policy p ON p.id = r.policy_id CROSS JOIN LATERAL (SELECT policy_audience(p.envelope) AS audience) a
         WHERE r.policy_id = p_policy
    ), closer AS (
        SELECT a.audience FROM policy q CROSS JOIN LATERAL (SELECT policy_audience(q.envelope) AS audience) a, rolled
         WHERE q.not_before <= clock_timestamp() AND q.expires_at > clock_timestamp() AND audience_limits(a.audience) > rolled.limits
    ), people AS (
        SELECT e.id, coalesce(e.site, '') AS site, rollout_place(r.hash, e.id) AS place
          FROM rolled r JOIN employee e ON audience_holds(r.audience, e.site, e.department, e.country)
         WHERE e.left_at IS NULL
           AND NOT EXISTS (SELECT FROM closer c WHERE audience_holds(c.audience, e.site, e.department, e.country))
    ), said AS (
        SELECT DISTINCT ON (d.device_id) d.device_id, d.what FROM rolled r
          JOIN device_report d ON d.policy = r.hash AND d.what IN ('applied', 'failed') AND d.received_at >= r.not_before
         ORDER BY d.device_id, d.received_at DESC, d.id DESC
    ), device_of AS (
        SELECT (SELECT count(*) FROM unnest(r.rings) step WHERE p.place >= step * 100)::int AS ring, p.site,
               p.place < r.reached * 100 AS within, s.device_id IS NOT NULL OR l.offered AS offered,
               s.device_id IS NOT NULL AS received, coalesce(s.what = 'applied', false) AS applied,
               coalesce(s.what = 'failed', false) AS failed
          FROM rolled r CROSS JOIN people p
          JOIN device d ON d.employee_id = p.id AND d.kind = 'collector' AND d.removed_at IS NULL
          CROSS JOIN LATERAL (
              SELECT EXISTS (SELECT FROM lease_span l WHERE l.employee_id = p.id AND l.valid_until >= r.not_before
                                AND l.policy = r.hash AND d.id = ANY (l.devices)) AS offered) l
          LEFT JOIN said s ON s.device_id = d.id
    ), by_site AS (
        SELECT v.site, count(*) AS devices FROM device_of v WHERE v.within GROUP BY v.site
    ), place AS (
        SELECT b.site, b.devices < 10 AS small, sum(b.devices) OVER (ORDER BY b.devices, b.site) - b.devices AS before
          FROM by_site b
    ), shown AS (
        SELECT p.site FROM place p
         WHERE NOT p.small AND NOT (p.before BETWEEN 1 AND 9 AND EXISTS (SELECT FROM place q WHERE q.small))
    ), rows AS (
        SELECT v.ring, NULL::text AS site, v.offered, v.received, v.applied, v.failed FROM device_of v
         UNION ALL
        SELECT NULL, coalesce(s.site, ''), v.offered, v.received, v.applied, v.failed
          FROM device_of v LEFT JOIN shown s ON s.site = v.site WHERE v.within
    ), counted AS (
        SELECT w.ring, w.site, count(*) AS devices, count(*) FILTER (WHERE w.offered) AS offered,
               count(*) FILTER (WHERE w.received) AS received, count(*) FILTER (WHERE w.applied) AS applied,
               count(*) FILTER (WHERE w.failed) AS failed
          FROM rows w GROUP BY w.ring, w.site
    )
    SELECT c.ring, c.site, n[1], n[2], n[3], n[4], n[5]
      FROM counted c CROSS JOIN LATERAL (
               SELECT array_agg(rollout_shown(one, c.devices, p_exact, c.site) ORDER BY place) AS n
                 FROM unnest(ARRAY[c.devices, c.offered, c.received, c.applied, c.failed]) WITH ORDINALITY v (one, place)) numbers
     ORDER BY c.ring, nullif(c.site, '')
$$;
CREATE FUNCTION rollout_figures(p_policy uuid)
RETURNS TABLE (ring int, site text, devices bigint, offered bigint, received bigint, applied bigint, failed bigint)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT * FROM rollout_counts(p_policy, session_user IN ('web_officer', 'worker'))
$$;
"""
SHOWN = f"""
CREATE FUNCTION rollout_shown(p_count bigint, p_devices bigint, p_exact bool, p_site text) RETURNS bigint LANGUAGE sql IMMUTABLE {HEAD} AS $$
    SELECT CASE WHEN p_site IS NOT NULL AND p_devices < 10 THEN NULL
                WHEN p_exact THEN p_count
                WHEN p_devices BETWEEN 1 AND 9 OR p_count BETWEEN 1 AND 9 OR p_devices - p_count BETWEEN 1 AND 9 THEN NULL
                ELSE p_count END
$$;
"""
# A rollout only moves forward, and not while it is halted; each act leaves a step with its figures and a line of the log.
KEPT = f"""
CREATE FUNCTION rollout_moves() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'this rollout is over' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.ring NOT IN (OLD.ring, OLD.ring + 1) OR (NEW.ring > OLD.ring AND OLD.state <> 'running') THEN
        RAISE EXCEPTION 'a rollout goes on ring by ring, and not while it is halted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'running' AND OLD.state = 'halted' AND session_user <> 'web_officer' THEN
        RAISE EXCEPTION 'only the officer lets a rollout go on' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION rollout_is_kept() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    done text[];
    act text;
BEGIN
    UPDATE policy SET reached = NEW.rings[NEW.ring + 1] WHERE id = NEW.policy_id;
    IF TG_OP = 'INSERT' THEN
        done := ARRAY['begun'];
    ELSE
        done := CASE WHEN NEW.ring > OLD.ring THEN ARRAY['advanced'] ELSE ARRAY[]::text[] END
             || CASE WHEN NEW.state = OLD.state THEN ARRAY[]::text[]
                     WHEN NEW.state = 'running' THEN ARRAY['resumed'] ELSE ARRAY[NEW.state] END;
    END IF;
    FOREACH act IN ARRAY done LOOP
        INSERT INTO rollout_step (policy_id, what, by_role, ring, percent, reason, figures)
        SELECT NEW.policy_id, act, {WHO}, NEW.ring, NEW.rings[NEW.ring + 1],
               CASE WHEN act IN ('halted', 'ended') THEN NEW.reason ELSE '' END,
               (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]'::jsonb) FROM rollout_counts(NEW.policy_id, false) f WHERE f.ring IS NOT NULL);
        INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
        SELECT CASE WHEN session_user IN ('web_officer', 'web_council') THEN actor_id() END, {WHO}, 'rollout.' || act,
               NEW.policy_id, NULL, jsonb_build_object('version', p.version, 'percent', NEW.rings[NEW.ring + 1])
          FROM policy p WHERE p.id = NEW.policy_id;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER rollout_moves BEFORE UPDATE ON rollout FOR EACH ROW EXECUTE FUNCTION rollout_moves();
CREATE TRIGGER rollout_is_kept AFTER INSERT OR UPDATE ON rollout FOR EACH ROW EXECUTE FUNCTION rollout_is_kept();
"""
FUNCTIONS = {
    "rollout_figures(uuid)": "web_officer, web_council, worker",
    "rollout_counts(uuid, bool)": "",
    "rollout_shown(bigint, bigint, bool, text)": "",
    "rollout_place(text, uuid)": "",
    "policy_audience(text)": "",
    "audience_limits(jsonb)": "",
    "audience_holds(jsonb, text, text, text)": "",
    "rollout_moves()": "",
    "rollout_is_kept()": "",
}


def upgrade() -> None:
    op.add_column("policy", sa.Column("reached", sa.SmallInteger(), server_default="100", nullable=False))
    op.create_check_constraint(op.f("ck_policy_reached"), "policy", "reached BETWEEN 1 AND 100")
    rings = postgresql.ARRAY(sa.SmallInteger())
    op.add_column("policy_draft", sa.Column("rings", rings, server_default="{100}", nullable=False))
    op.execute("GRANT UPDATE (rings) ON policy_draft TO web_officer")
    op.execute(_frozen(*FIXED, "rings"))
    op.create_table(
        "rollout",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("rings", rings, nullable=False),
        sa.Column("ring", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", _one_of("state", "running", "halted", "ended"), server_default="running", nullable=False),
        sa.Column("most_failed", sa.SmallInteger(), server_default="5", nullable=False),
        sa.Column("least_applied", sa.SmallInteger(), server_default="80", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("ring >= 0 AND ring < cardinality(rings)", name=op.f("ck_rollout_ring")),
        sa.CheckConstraint("rings[1] >= 1 AND rings[cardinality(rings)] = 100", name=op.f("ck_rollout_rings")),
        sa.CheckConstraint(
            "most_failed BETWEEN 0 AND 100 AND least_applied BETWEEN 0 AND 100", name=op.f("ck_rollout_gate")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_rollout_policy_id")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_rollout")),
    )
    op.create_table(
        "rollout_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("what", _one_of("what", "begun", "advanced", "halted", "resumed", "ended"), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("ring", sa.SmallInteger(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["rollout.policy_id"], name=op.f("fk_rollout_step_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout_step")),
    )
    op.create_index(op.f("ix_rollout_step_policy_id"), "rollout_step", ["policy_id"], unique=False)
    for table, grants in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in grants.items():
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({EVERY}) WITH CHECK ({EVERY})")
    for part in (PLACE, SHOWN, FIGURES, KEPT):
        op.execute(part)
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")


def downgrade() -> None:
    op.execute("DROP TRIGGER rollout_is_kept ON rollout")
    op.execute("DROP TRIGGER rollout_moves ON rollout")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("rollout_step")
    op.drop_table("rollout")
    op.execute(_frozen(*FIXED))
    op.drop_column("policy_draft", "rings")
    op.drop_constraint(op.f("ck_policy_reached"), "policy")
    op.drop_column("policy", "reached")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _frozen(*columns: str) -> str:
    def row(which: str) -> str:
        return ", ".join(f"{which}.{column}" for column in columns)

    return FROZEN.format(new=row("NEW"), old=row("OLD"))
