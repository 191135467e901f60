"""Bring the database's schema up to date: Alembic as `migrator`, which becomes `owner`; then the actor key's pads.

The cluster must hold the roles of `bootstrap`; beside the logins: `owner` may SET ROLE `vault_definer` (not inherit),
so that the two look functions can belong to it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from portal.core.actor import ActorKey
from portal.core.config import Settings
from portal.operations.bootstrap import STILL_OPEN
from portal.operations.runtime import OperationsError

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(settings: Settings) -> Config:
    """Alembic's configuration for the database of `settings`, as the login `migrator`."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = settings.sqlalchemy_url("migrator")
    return config


def require_kind(settings: Settings, *, demo: bool) -> None:
    """Raise OperationsError if there is a database already that is the demo's and should not be, or the reverse."""
    engine = create_engine(settings.sqlalchemy_url("migrator"))
    with engine.begin() as connection:
        connection.execute(text("SET ROLE owner"))
        made = connection.scalar(text("SELECT to_regclass('public.installation') IS NOT NULL"))
        kind = connection.scalar(text("SELECT demo FROM installation")) if made else None
    engine.dispose()
    if kind is True and not demo:
        raise OperationsError(
            "This database is the demo's: its people are made up, and the passwords of its policy's keys are known; "
            "nothing was changed. Use another PORTAL_VAR_DIR or PORTAL_DATABASE_URL."
        )
    if kind is False and demo:
        raise OperationsError(
            "This database is not the demo's; nothing was changed. Use another PORTAL_VAR_DIR for the demo."
        )


def traces_are_open(settings: Settings) -> bool:
    """Whether every login may still read locks or statistics: `bootstrap` has not been run since it closes them."""
    engine = create_engine(settings.sqlalchemy_url("migrator"))
    with engine.begin() as connection:
        found = connection.scalar(text(STILL_OPEN))
    engine.dispose()
    return bool(found)


def migrate(settings: Settings, *, demo: bool = False) -> None:
    """Upgrade to the newest schema, hand the database its copy of the actor key, and mark a new database once."""
    command.upgrade(alembic_config(settings), "head")
    inner, outer = ActorKey(settings.actor_key_bytes()).pads()
    engine = create_engine(settings.sqlalchemy_url("migrator"))
    with engine.begin() as connection:
        connection.execute(text("SET ROLE owner"))
        connection.execute(
            text(
                "INSERT INTO private.actor_key VALUES (1, :inner, :outer) ON CONFLICT (id) DO UPDATE "
                "SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad"
            ),
            {"inner": inner, "outer": outer},
        )
        connection.execute(
            text("INSERT INTO installation (id, demo) VALUES (1, :demo) ON CONFLICT DO NOTHING"), {"demo": demo}
        )
    engine.dispose()
