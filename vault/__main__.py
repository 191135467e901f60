"""`python -m vault` serves; `python -m vault rotate` makes a new epoch now, wraps all keys anew, destroys the old."""

import argparse
import asyncio
import logging
import os
import sys

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.core import logs
from portal.core.config import ConfigError, Settings
from portal.core.db import Database, UnsafeDatabaseError
from vault.errors import VaultError
from vault.hardening import harden
from vault.kms.base import KmsError
from vault.server import serve
from vault.service import build


def main() -> int:
    """Exit code 0, or 1 with one sentence on standard error when the vault may not start."""
    parser = argparse.ArgumentParser(prog="python -m vault", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("serve", "rotate"), default="serve")
    command = parser.parse_args().command
    try:
        harden()
        settings = Settings.from_env(os.environ)
        logs.configure(settings.log_level)
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)  # its lines could quote a malformed request
        _check_database(settings)
        vault = build(settings)
        vault.rotation.require_keys()
        if command == "rotate":
            structlog.get_logger().info("vault.rotated", keys=vault.rotation.rotate())
        else:
            asyncio.run(serve(vault, settings))
    except (ConfigError, UnsafeDatabaseError, SQLAlchemyError, KmsError, VaultError, OSError, ValueError) as error:
        sys.stderr.write(f"The vault does not start: {_out_of_reach(error)}\n")
        return 1
    return 0


def _check_database(settings: Settings) -> None:
    database = Database(settings, pool_size=1)
    try:
        database.check("vault")
    finally:
        database.dispose()


def _out_of_reach(error: Exception) -> str:
    """The sentence for a start that failed; a database's own text stays out of it."""
    return "The database is out of reach." if isinstance(error, SQLAlchemyError) else str(error)


if __name__ == "__main__":
    sys.exit(main())
