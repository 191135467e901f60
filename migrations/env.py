"""Alembic runs as the `migrator` login, which becomes `owner`; never from the web process."""

from alembic import context
from sqlalchemy import create_engine, text

from portal.access_log import models as _access_log  # noqa: F401
from portal.agents import models as _agents  # noqa: F401
from portal.audit import models as _audit  # noqa: F401
from portal.capture import models as _capture  # noqa: F401
from portal.core.columns import Base
from portal.council import models as _council  # noqa: F401
from portal.deletion import models as _deletion  # noqa: F401
from portal.exports import models as _exports  # noqa: F401
from portal.identity import models as _identity  # noqa: F401
from portal.notifications import models as _notifications  # noqa: F401
from portal.pauses import models as _pauses  # noqa: F401
from portal.petitions import models as _petitions  # noqa: F401
from portal.policies import models as _policies  # noqa: F401
from portal.policies.deciding import models as _deciding  # noqa: F401
from portal.releases import models as _releases  # noqa: F401
from portal.reconciliation import models as _reconciliation  # noqa: F401
from portal.reconciliation.settling import models as _settling  # noqa: F401
from portal.requests import models as _requests  # noqa: F401
from portal.sources import models as _sources  # noqa: F401
from portal.stops import models as _stops  # noqa: F401


def _include(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Partitions come and go with the months; they are not part of the models."""
    return not (kind == "table" and name is not None and name.startswith("segment_"))


def _schemas(name: str | None, kind: str, _parents: object) -> bool:
    """The ordinary schema and the published statistics; `private` is written by hand."""
    return kind != "schema" or name in {None, "pub"}


engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    connection.execute(text("SET ROLE owner"))
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_include,
        include_name=_schemas,
        include_schemas=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
