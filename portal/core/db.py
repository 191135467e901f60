"""Engines by database login, and the only commit.

Every process opens only the logins whose passwords it was given. A transaction on a person's behalf carries that
person as a token which the database checks (`portal.core.actor`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from select import POLLIN, poll
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, func, select, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from portal.core import clock, witness
from portal.core.actor import ActorKey
from portal.core.config import Settings

OLDEST_POSTGRESQL = 160000
POOL = {"pool_size": 8, "max_overflow": 4, "pool_timeout": 5}
"""As many connections kept as the web process has threads: one beyond them is opened and closed again each time."""
CONNECT = {"connect_timeout": 5, "application_name": "daylight"}


class UnsafeDatabaseError(RuntimeError):
    """The database or the login would not keep the promises; the message says which and how to mend it (D05)."""


@dataclass(frozen=True)
class DatabaseFacts:
    """What `_FACTS` found: who is connected, and whether that login may become the owner or a role above all rules."""

    login: str
    synchronous_commit: str
    fsync: str
    mighty: bool
    owns: bool
    member: bool


def require_version(version: int) -> None:
    """Raise UnsafeDatabaseError for a server older than 16; `version` as in `server_version_num`, 160004 for 16.4."""
    if version < OLDEST_POSTGRESQL:
        raise UnsafeDatabaseError("PostgreSQL 16 or newer is needed")


def require_safe(login: str, facts: DatabaseFacts) -> None:
    """Raise UnsafeDatabaseError unless `facts` are those of the safe login `login`."""
    if facts.login != login:
        raise UnsafeDatabaseError(f"the connection is not one of the login {login}")
    if facts.mighty:
        raise UnsafeDatabaseError(f"the login {login} is or may become a superuser, or bypasses row-level security")
    if facts.owns:
        raise UnsafeDatabaseError(f"the login {login} owns tables, or may become their owner")
    if facts.member:
        raise UnsafeDatabaseError(f"the login {login} is a member of another role; each login stands alone")
    if "off" in {facts.synchronous_commit, facts.fsync}:
        raise UnsafeDatabaseError("synchronous_commit and fsync must be on: what is acknowledged must be kept")


class Database:
    """One small pool per login, made when first used."""

    def __init__(self, settings: Settings, **pool: Any) -> None:
        self._settings = settings
        self._pool = POOL | pool
        self._made: list[Engine] = []
        self.engine = cache(self._make_engine)

    def _make_engine(self, login: str) -> Engine:
        engine = create_engine(
            self._settings.sqlalchemy_url(login), connect_args=CONNECT, hide_parameters=True, **self._pool
        )
        event.listen(engine, "checkout", partial(_look_alive, engine))
        self._made.append(engine)
        return engine

    def once(self, login: str, statement: TextClause, parameters: Mapping[str, Any]) -> Row[*tuple[Any, ...]] | None:
        """The one row, or None, of a single statement as `login` on behalf of nobody, in a transaction of its own."""
        with self.engine(login).connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            return alone.execute(statement, parameters).one_or_none()

    @contextmanager
    def transaction(self, login: str, person: UUID | None = None) -> Iterator[Session]:
        """A session as `login`, acting for `person`; commits at the end, rolls back on any error. The only commit."""
        with Session(self.engine(login), expire_on_commit=False) as session, session.begin():
            if person is not None:
                key = ActorKey(self._settings.actor_key_bytes())
                token = key.token(login, person, clock.now())
                session.execute(text("SELECT set_config('portal.actor', :token, true)"), {"token": token})
            yield session

    def check(self, login: str) -> None:
        """Raise UnsafeDatabaseError unless this login on this server keeps the promises the design rests on (D05)."""
        with self.engine(login).connect() as connection:
            version = connection.execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
            require_version(version)
            facts = connection.execute(text(_FACTS)).mappings().one()
            require_safe(login, DatabaseFacts(**facts))
            if connection.execute(text("SELECT to_regclass('public.employee') IS NULL")).scalar_one():
                raise UnsafeDatabaseError(
                    "this database holds nothing of Daylight; mend PORTAL_DATABASE_URL, or run "
                    "`python -m portal migrate`"
                )
            self._require_newest(connection)

    def _require_newest(self, connection: Connection) -> None:
        """Raise UnsafeDatabaseError when a witness's file knows a longer log: an older database was restored."""
        known = [witness.last_size(path) or 0 for path in witness.files(self._settings.log_witness)]
        if any(known) and (size := connection.execute(text("SELECT log_size()")).scalar_one()) < max(known):
            raise UnsafeDatabaseError(
                f"the database was restored from a backup: its log has {size} entries, and the witness knows "
                f"{max(known)}; run `python -m portal restore-check`, which erases again what was erased since"
            )

    def dispose(self) -> None:
        """Close every pool: before a fork, and at the end."""
        self.engine.cache_clear()
        while self._made:
            self._made.pop().dispose()


def _look_alive(engine: Engine, connection: Any, *_: object) -> None:
    """Before a pooled connection is used: a server that went away has said so or hung up, and its socket is readable.

    A ping would tell the same, for a round trip; it is asked only when there is something to read.
    """
    socket = poll()
    try:
        socket.register(connection.fileno(), POLLIN)
        if socket.poll(0):
            engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def lock(session: Session, key: UUID | str) -> None:
    """Take turns over `key` until this transaction ends; as an employee only with other transactions of one's own."""
    session.execute(select(func.take_turn(str(key))))


def lock_person(session: Session, person: UUID) -> None:
    """Take turns over a person with the gateway's uploads, which wait; as an employee only over oneself."""
    session.execute(select(func.person_turn(person)))


_FACTS = """
SELECT current_user::text AS login, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('fsync') AS fsync,
       EXISTS (SELECT FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')
                  AND (r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole)) AS mighty,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname IN ('public', 'private', 'pub')
                 AND pg_has_role(session_user, c.relowner, 'MEMBER')) AS owns,
       EXISTS (SELECT FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.member
               WHERE r.rolname = session_user) AS member
"""
