"""names of places: as policies write them, so that a policy for a site covers whoever the directory says works there"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "20261201_2002"
down_revision = "20261201_2001"
branch_labels = None
depends_on = None

COLUMNS = ("site", "department", "country")


def upgrade() -> None:
    connection = op.get_bind()
    for column in COLUMNS:
        found = connection.execute(sa.text(f"SELECT DISTINCT {column} FROM employee WHERE {column} IS NOT NULL"))
        for name in found.scalars().all():
            if (one := _place_name(name)) != name:
                change = sa.text(f"UPDATE employee SET {column} = :one WHERE {column} = :name")
                connection.execute(change, {"one": one or None, "name": name})


def _place_name(text: str) -> str:
    """As wire.places.place_name on this day."""
    seen = (one for one in unicodedata.normalize("NFC", text) if one.isspace() or unicodedata.category(one)[0] != "C")
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def downgrade() -> None:
    """Nothing to take back: how it was written before is not kept."""
