"""identity: an issuer is kept without a slash at its end, as the company's directory names people"""

from alembic import op

revision = "20261130_1860"
down_revision = "20261130_1850"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE employee e SET issuer = rtrim(issuer, '/') WHERE issuer LIKE '%/' AND NOT EXISTS "
        "(SELECT FROM employee o WHERE o.issuer = rtrim(e.issuer, '/') AND o.subject = e.subject)"
    )
    op.execute("UPDATE login_session SET issuer = rtrim(issuer, '/') WHERE issuer LIKE '%/'")


def downgrade() -> None:
    """Nobody needs the slash."""
