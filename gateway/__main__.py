"""`python -m gateway`: settings from the environment, until SIGTERM or SIGINT."""

import asyncio
import gc
import os
import signal
import sys

import structlog
import uvloop
from aiohttp import web
from sqlalchemy.exc import OperationalError

from gateway.app import create_app, lease_key
from portal.core import logs
from portal.core.config import ConfigError, Settings
from portal.core.db import Database, UnsafeDatabaseError
from portal.core.nameless import answer_without_versions

KEEPALIVE_SECONDS = 20
"""Also how long a client may take to send its request's head."""
SHUTDOWN_SECONDS = 10
BACKLOG = 4096
COLLECT = (20_000, 50, 100)
"""Seldom: a full collection among ten thousand connections stops the loop for a tenth of a second."""

log = structlog.get_logger("gateway")


async def serve(settings: Settings) -> None:
    """Listen until a signal comes, then finish what was begun."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    answer_without_versions()
    runner = web.AppRunner(
        create_app(settings),
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        auto_decompress=False,
        lingering_time=1,
    )
    await runner.setup()
    host, _, port = settings.gateway_bind.rpartition(":")
    site = web.TCPSite(runner, host.strip("[]"), int(port), backlog=BACKLOG, reuse_port=bool(int(port)) or None)
    await site.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    for address in runner.addresses:
        log.info("listening", host=address[0], port=address[1])
    await stop.wait()
    log.info("stopping")
    await runner.cleanup()


def main() -> int:
    """Check the settings and the database, then serve. 1: told on standard error why not."""
    try:
        settings = Settings.from_env(os.environ)
        logs.configure(settings.log_level)
        lease_key(settings)
        database = Database(settings)
        database.check("gateway")
        database.dispose()
    except (ConfigError, UnsafeDatabaseError) as error:
        sys.stderr.write(f"The gateway does not start: {error}\n")
        return 1
    except OperationalError:
        sys.stderr.write("The gateway does not start: the database does not answer, or refuses its password.\n")
        return 1
    uvloop.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
