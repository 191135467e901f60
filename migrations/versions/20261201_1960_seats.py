"""seats: on which works council a member sits, and that only the council that decides about a policy says no to it"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261201_1960"
down_revision = "20261201_1950"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# Beside session_start, as session_grade. '' is the central council; whoever no group seats anywhere sits there.
SEATS = f"""
CREATE FUNCTION session_seats(p_token bytea, p_seats text[]) RETURNS void LANGUAGE sql {HEAD} AS $$
    UPDATE role_grant g SET seats = p_seats FROM login_session s
     WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.employee_id = g.employee_id AND g.role = 'works_council'
       AND g.seats IS DISTINCT FROM p_seats;
$$;
CREATE FUNCTION council_seats() RETURNS TABLE (mine text[], held text[]) LANGUAGE sql STABLE {HEAD} AS $$
    WITH seated AS (
        SELECT g.employee_id, s.seat FROM role_grant g
         CROSS JOIN unnest(CASE g.seats WHEN '{{}}' THEN '{{""}}' ELSE g.seats END) s (seat) WHERE g.role = 'works_council'
    )
    SELECT coalesce(array_agg(DISTINCT seat) FILTER (WHERE employee_id = actor_id()), '{{}}'),
           coalesce(array_agg(DISTINCT seat), '{{}}') FROM seated
$$;
"""
# As wire.councils.deciding, by the newest trust document: '' for the central council. Where nobody who ever signed in
# sits on the council that decides, each member may say no, as before: saying no is safe.
DECIDES = f"""
CREATE FUNCTION policy_council(p_content text) RETURNS text LANGUAGE sql STABLE {HEAD} AS $$
    WITH trust AS (
        SELECT convert_from(decode(envelope::jsonb->>'payload', 'base64'), 'UTF8')::jsonb AS document
          FROM trust_document ORDER BY version DESC LIMIT 1
    ), named AS (
        SELECT DISTINCT site FROM jsonb_array_elements_text(
            coalesce(nullif(p_content::jsonb->'audience'->'sites', 'null'), '[]')) site
    )
    SELECT coalesce((
        SELECT min(n.site) FROM named n HAVING count(*) = 1
           AND min(n.site) IN (SELECT k->>'site' FROM trust t CROSS JOIN jsonb_array_elements(t.document->'keys') k
                                WHERE k->>'signer' = 'council')), '')
$$;
CREATE FUNCTION council_speaks(p_council text) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT p_council = ANY (s.mine) OR p_council <> ALL (s.held) FROM council_seats() s
$$;
"""
GUARDS = f"""
CREATE FUNCTION decider_seat() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    NEW.council := policy_council((SELECT content FROM policy_draft WHERE id = NEW.draft_id));
    IF session_user = 'web_council' AND NEW.outcome <> 'approved' AND NOT council_speaks(NEW.council) THEN
        RAISE EXCEPTION 'another council decides about this policy' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decider_seat BEFORE INSERT ON policy_decision FOR EACH ROW
    WHEN (NEW.signer = 'council') EXECUTE FUNCTION decider_seat();
CREATE FUNCTION policy_draft_seat() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    IF NEW.state <> 'published' AND NOT (NEW.state = 'rejected' AND council_speaks(policy_council(OLD.content))) THEN
        RAISE EXCEPTION 'another council decides about this policy' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_draft_seat BEFORE UPDATE OF state ON policy_draft FOR EACH ROW
    WHEN (session_user = 'web_council' AND NEW.state <> OLD.state) EXECUTE FUNCTION policy_draft_seat();
"""
FUNCTIONS = {
    "session_seats(bytea, text[])": "web_session",
    "council_seats()": "web_council",
    "policy_council(text)": "",
    "council_speaks(text)": "",
    "decider_seat()": "",
    "policy_draft_seat()": "",
}
ROLES = ("SELECT role, granted_at FROM role_grant", "SELECT role, seats, granted_at FROM role_grant")
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    op.add_column(
        "role_grant",
        sa.Column(
            "seats",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="personal: whole-person erasure",
        ),
    )
    op.add_column("policy_decision", sa.Column("council", sa.Text(), nullable=True))
    for part in (SEATS, DECIDES, GUARDS):
        op.execute(part)
    for function, login in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if login:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
    _export(*ROLES)


def downgrade() -> None:
    _export(*reversed(ROLES))
    op.execute("DROP TRIGGER policy_draft_seat ON policy_draft")
    op.execute("DROP TRIGGER decider_seat ON policy_decision")
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("policy_decision", "council")
    op.drop_column("role_grant", "seats")
