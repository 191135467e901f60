"""The operator's hand on organisation-level tables: a session as `owner`, which only `migrator` may become."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal.core.config import Settings


@contextmanager
def as_owner(settings: Settings) -> Iterator[Session]:
    """A session that commits at the end; needs the password of `migrator`."""
    engine = create_engine(settings.sqlalchemy_url("migrator"))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            session.execute(text("SET LOCAL ROLE owner"))
            yield session
    finally:
        engine.dispose()
