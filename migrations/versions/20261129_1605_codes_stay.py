"""codes stay: how a request was decided and ended outlives its person's erasure, or nobody could tell that it ended"""

from alembic import op

revision = "20261129_1605"
down_revision = "20261129_1600"
branch_labels = None
depends_on = None

# Codes and numbers of a request's events (`params`): without them its state cannot be told from its events.
CODES = """
WHEN a.attname = 'params' THEN
  '(SELECT coalesce(jsonb_object_agg(key, value), ''{}'') FROM jsonb_each(params)
     WHERE key IN (''outcome'', ''state'', ''into'', ''absorbed''))'
"""
ERASE_COLUMNS = """
CREATE OR REPLACE FUNCTION erase_columns(p_table text, p_id_column text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    blanks text;
BEGIN
    SELECT string_agg(format('%%I = %%s', a.attname, CASE %s
               WHEN NOT a.attnotnull THEN 'NULL' WHEN a.atttypid = 'text[]'::regtype THEN quote_literal('{}')
               WHEN a.atttypid = 'jsonb'::regtype THEN quote_literal('{}') ELSE quote_literal('') END), ', ')
      INTO blanks
      FROM pg_attribute a
     WHERE a.attrelid = format('public.%%I', p_table)::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND a.atttypid = ANY ('{text,text[],jsonb,timestamptz}'::regtype[]) AND a.attname <> 'chosen'
       AND col_description(a.attrelid, a.attnum) IN
           ('personal: whole-person erasure', 'personal: whole-person erasure of ' || p_id_column);
    IF blanks IS NOT NULL THEN
        EXECUTE format('UPDATE public.%%I SET %%s WHERE %%I = $1', p_table, blanks, p_id_column) USING p_id;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(ERASE_COLUMNS % CODES)


def downgrade() -> None:
    op.execute(ERASE_COLUMNS % "")
