"""`python -m ballot`: settings from the environment, until SIGTERM or SIGINT."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from ballot.api import Api
from ballot.box import Box, BoxError
from ballot.keys import Keys
from ballot.service import LOGIN, Ballot
from portal.core import clock, logs
from portal.core.config import ConfigError, Settings
from portal.core.db import Database, UnsafeDatabaseError
from portal.core.nameless import answer_without_versions

BELL_SECONDS: Final = 1.0
TIDY_SECONDS: Final = 600.0
BACKLOG: Final = 1024
log = structlog.get_logger("ballot")


async def serve(ballot: Ballot, settings: Settings) -> None:
    """Listen until a signal comes, then finish what was begun."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    key, portal = bytes.fromhex(settings.require("ballot_key")), origin(settings.require("base_url"))
    api = Api(ballot, key, portal, demo=settings.demo)
    answer_without_versions()
    runner = web.AppRunner(api.application(), access_log=None, handle_signals=False)
    await runner.setup()
    host, _, port = settings.ballot_bind.rpartition(":")
    await web.TCPSite(runner, host.strip("[]"), int(port), backlog=BACKLOG).start()
    tasks = [asyncio.create_task(_ring(api, ballot)), asyncio.create_task(_tidy(api, ballot))]
    log.info("ballot.ready")
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await runner.cleanup()


def origin(base_url: str) -> str:
    """The portal's origin as browsers write it."""
    parts = urlsplit(base_url.lower())
    return f"{parts.scheme}://{parts.netloc}"


async def _ring(api: Api, ballot: Ballot) -> None:
    """Hear which petitions run, make keys that are missing, and empty the box once a day, soon after midnight UTC."""
    while True:
        more = False
        try:
            await api.run(ballot.learn)
            await api.run(ballot.empty_when_due)
            more = await api.run(ballot.make_key, clock.now().date())
        except SQLAlchemyError:
            more = False
        except BoxError:
            log.error("ballot.box_unwritable")
        if not more:
            await asyncio.sleep(BELL_SECONDS)


async def _tidy(api: Api, ballot: Ballot) -> None:
    while True:
        with suppress(SQLAlchemyError):
            await api.run(ballot.tidy)
        await asyncio.sleep(TIDY_SECONDS)


def main() -> int:
    """Exit code 0, or 1 with one sentence on standard error when the ballot may not start."""
    try:
        settings = Settings.from_env(os.environ)
        logs.configure(settings.log_level)
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)  # its lines could quote a request
        own = Keys(bytes.fromhex(settings.require("ballot_seal")))
        for name in ("ballot_key", "base_url"):
            settings.require(name)
        database = Database(settings)
        database.check(LOGIN)
        box = Box(settings.var_dir / "ballot")
        asyncio.run(serve(Ballot(database, own, box), settings))
        box.close()
        database.dispose()
    except (ConfigError, UnsafeDatabaseError, OSError) as error:
        sys.stderr.write(f"The ballot does not start: {error}\n")
        return 1
    except SQLAlchemyError:
        sys.stderr.write("The ballot does not start: the database does not answer, or refuses its password.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
