"""verified: rollouts count what canaries showed, beside what devices said"""

from alembic import op

revision = "20261129_1615"
down_revision = "20261129_1610"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# As in 20261129_1500. Besides what a device said last there is what the server saw last: a device that was contradicted
# has failed, whatever it says; verified is who obeys by both; overdue is who has said so for a day and was not seen to.
FIGURES = """
CREATE FUNCTION rollout_counts(p_policy uuid, p_exact bool)
RETURNS TABLE (ring int, site text, devices bigint, offered bigint, received bigint, applied bigint, failed bigint{columns})
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
        SELECT DISTINCT ON (d.device_id) d.device_id, d.what, d.received_at FROM rolled r
          JOIN device_report d ON d.policy = r.hash AND d.what IN ('applied', 'failed') AND d.received_at >= r.not_before
         ORDER BY d.device_id, d.received_at DESC, d.id DESC
    ), {seen}device_of AS (
        SELECT (SELECT count(*) FROM unnest(r.rings) step WHERE p.place >= step * 100)::int AS ring, p.site,
               p.place < r.reached * 100 AS within, s.device_id IS NOT NULL OR l.offered AS offered,
               s.device_id IS NOT NULL AS received, {states}
          FROM rolled r CROSS JOIN people p
          JOIN device d ON d.employee_id = p.id AND d.kind = 'collector' AND d.removed_at IS NULL
          CROSS JOIN LATERAL (
              SELECT EXISTS (SELECT FROM lease_span l WHERE l.employee_id = p.id AND l.valid_until >= r.not_before
                                AND l.policy = r.hash AND d.id = ANY (l.devices)) AS offered) l
          LEFT JOIN said s ON s.device_id = d.id{join}
    ), by_site AS (
        SELECT v.site, count(*) AS devices FROM device_of v WHERE v.within GROUP BY v.site
    ), place AS (
        SELECT b.site, b.devices < 10 AS small, sum(b.devices) OVER (ORDER BY b.devices, b.site) - b.devices AS before
          FROM by_site b
    ), shown AS (
        SELECT p.site FROM place p
         WHERE NOT p.small AND NOT (p.before BETWEEN 1 AND 9 AND EXISTS (SELECT FROM place q WHERE q.small))
    ), rows AS (
        SELECT v.ring, NULL::text AS site, v.offered, v.received, v.applied, v.failed{more} FROM device_of v
         UNION ALL
        SELECT NULL, coalesce(s.site, ''), v.offered, v.received, v.applied, v.failed{more}
          FROM device_of v LEFT JOIN shown s ON s.site = v.site WHERE v.within
    ), counted AS (
        SELECT w.ring, w.site, count(*) AS devices, count(*) FILTER (WHERE w.offered) AS offered,
               count(*) FILTER (WHERE w.received) AS received, count(*) FILTER (WHERE w.applied) AS applied,
               count(*) FILTER (WHERE w.failed) AS failed{counts}
          FROM rows w GROUP BY w.ring, w.site
    )
    SELECT c.ring, c.site, n[1], n[2], n[3], n[4], n[5]{shown}
      FROM counted c CROSS JOIN LATERAL (
               SELECT array_agg(rollout_shown(one, c.devices, p_exact, c.site) ORDER BY place) AS n
                 FROM unnest(ARRAY[c.devices, c.offered, c.received, c.applied, c.failed{array}]) WITH ORDINALITY v (one, place)) numbers
     ORDER BY c.ring, nullif(c.site, '')
$$;
CREATE FUNCTION rollout_figures(p_policy uuid)
RETURNS TABLE (ring int, site text, devices bigint, offered bigint, received bigint, applied bigint, failed bigint{columns})
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT * FROM rollout_counts(p_policy, session_user IN ('web_officer', 'worker'))
$$;
"""
VERIFIED = {
    "columns": ", verified bigint, overdue bigint",
    "seen": """seen AS (
        SELECT DISTINCT ON (d.device_id) d.device_id, d.what FROM rolled r
          JOIN device_report d ON d.policy = r.hash AND d.what IN ('verified', 'contradicted') AND d.received_at >= r.not_before
         ORDER BY d.device_id, d.received_at DESC, d.id DESC
    ), """,
    "states": """coalesce(s.what = 'applied' AND w.what IS DISTINCT FROM 'contradicted', false) AS applied,
               coalesce(s.what = 'failed', false) OR coalesce(w.what = 'contradicted', false) AS failed,
               coalesce(s.what = 'applied' AND w.what = 'verified', false) AS verified,
               coalesce(s.what = 'applied' AND w.what IS NULL AND s.received_at < clock_timestamp() - interval '1 day', false) AS overdue""",
    "join": "\n          LEFT JOIN seen w ON w.device_id = d.id",
    "more": ", v.verified, v.overdue",
    "counts": """,
               count(*) FILTER (WHERE w.verified) AS verified, count(*) FILTER (WHERE w.overdue) AS overdue""",
    # Nor from the difference to those who say that they obey.
    "shown": """,
           CASE WHEN rollout_shown(c.verified, c.applied, p_exact, NULL) IS NOT NULL THEN n[6] END,
           CASE WHEN rollout_shown(c.overdue, c.applied, p_exact, NULL) IS NOT NULL THEN n[7] END""",
    "array": ", c.verified, c.overdue",
}
BEFORE = dict.fromkeys(VERIFIED, "") | {
    "states": """coalesce(s.what = 'applied', false) AS applied,
               coalesce(s.what = 'failed', false) AS failed""",
}
GRANTS = {"rollout_counts(uuid, bool)": "", "rollout_figures(uuid)": "web_officer, web_council, worker"}


def upgrade() -> None:
    _replace(VERIFIED)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(parts: dict[str, str]) -> None:
    for function in GRANTS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(FIGURES.format(HEAD=HEAD, **parts))
    for function, logins in GRANTS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")
