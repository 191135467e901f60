"""When somebody pauses, no login but the gateway's learns that there was a pause: every login may LISTEN (D02)."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from gateway.listener import CHANNELS
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.logins import LOGINS
from portal.pauses.actions import Asked, ask, turn
from tests.db.catalogue import Superuser

SECONDS = 5
HIDDEN = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
"""The second without the right to look into the schema."""

OTHERS = sorted({*LOGINS} - {"gateway"})


def pause(settings: Settings, person: UUID) -> UUID:
    """As the page does it."""
    database = Database(settings)
    with database.transaction("web_employee", person) as session:
        made = ask(session, person, Asked(turn(session, person), None)).id
    database.dispose()
    return made


def listening(connection: psycopg.Connection[tuple[object, ...]], *names: str) -> None:
    for name in names:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("login", OTHERS)
def test_D02_no_other_login_reads_what_a_channel_is_called(settings: Settings, login: str) -> None:
    with (
        psycopg.connect(settings.conninfo(login)) as connection,
        pytest.raises(HIDDEN),
    ):
        connection.execute("SELECT wake_channel('pause')")


def test_D02_nobody_hears_of_a_pause_but_the_gateway(settings: Settings, person: Callable[..., UUID]) -> None:
    """By none of the names that a login can think of: what is told, or that with what every name begins with."""
    guesses = [*CHANNELS, *(f"wake_{name}" for name in CHANNELS), "wake_"]
    with (
        psycopg.connect(settings.conninfo("web_hr"), autocommit=True) as curious,
        psycopg.connect(settings.conninfo("gateway"), autocommit=True) as gateway,
    ):
        (name,) = gateway.execute("SELECT wake_channel('pause')").fetchone() or ("",)
        listening(curious, *guesses)
        listening(gateway, str(name))
        made = pause(settings, person())
        assert [one.payload for one in gateway.notifies(timeout=SECONDS, stop_after=1)] == [str(made)]
        assert not list(curious.notifies(timeout=0.5))


def test_D02_each_channel_has_another_name_by_the_installations_key(superuser: Superuser) -> None:
    names = {superuser.execute("SELECT wake_channel(%s)", [what]).fetchone() for what in CHANNELS}
    assert len(names) == len(CHANNELS)
    superuser.execute("UPDATE private.actor_key SET inner_pad = sha512(inner_pad)")
    others = {superuser.execute("SELECT wake_channel(%s)", [what]).fetchone() for what in CHANNELS}
    superuser.rollback()
    assert not names & others
