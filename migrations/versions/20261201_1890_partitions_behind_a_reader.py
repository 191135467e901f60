"""capture: a partition is made without waiting for readers of `segment`, nor long for anybody else

`CREATE TABLE … PARTITION OF` locks `segment` against everybody: behind one long read it waited, and behind it waited
every upload. Attaching a table that was made beforehand stops neither readers nor uploads; what is left is a short lock
on `employee`, against whoever changes people, and is given up after a second. The next call tries again.
"""

from alembic import op

revision = "20261201_1890"
down_revision = "20261130_1860"
branch_labels = None
depends_on = None

ATTACHED = """
CREATE OR REPLACE FUNCTION ensure_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '1s'
AS $$
DECLARE
    month timestamp;
    name text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('ensure_partitions')) THEN
        RETURN;
    END IF;
    FOR month IN SELECT generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '3 months',
                                        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', '1 month')
    LOOP
        name := 'segment_' || to_char(month, 'YYYYMM');
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE public.%I (LIKE segment INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
                           'INCLUDING INDEXES INCLUDING STORAGE)', name);
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE segment ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', name,
                           month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        END IF;
    END LOOP;
EXCEPTION WHEN lock_not_available THEN
    RAISE WARNING 'a partition of segment is due and had to wait; it is tried again';
END $$;
"""

CREATED = """
CREATE OR REPLACE FUNCTION ensure_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    month timestamp;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    FOR month IN SELECT generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '3 months',
                                        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', '1 month')
    LOOP
        name := 'segment_' || to_char(month, 'YYYYMM');
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF segment FOR VALUES FROM (%L) TO (%L)', name,
                           month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        END IF;
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.execute(ATTACHED)


def downgrade() -> None:
    op.execute(CREATED)
