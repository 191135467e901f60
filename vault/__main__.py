"""The vault's commands.

serve (default): answer requests. rotate: make a new epoch now, wrap all keys anew, destroy the older epochs.
restore-keys FILE: after restoring a database dump, take the wrapped keys from the newest key export.
"""

import argparse
import asyncio
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.core import logs
from portal.core.config import ConfigError, Settings
from portal.core.db import Database, UnsafeDatabaseError
from vault.errors import VaultError
from vault.hardening import harden
from vault.kms.base import KmsError
from vault.server import serve
from vault.service import Vault, build


def main() -> int:
    """Exit code 0, or 1 with one sentence on standard error when the vault may not start."""
    parser = argparse.ArgumentParser(prog="python -m vault", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("serve", "rotate", "restore-keys"), default="serve")
    parser.add_argument("file", nargs="?", type=Path)
    told = parser.parse_args()
    if (told.command == "restore-keys") != (told.file is not None):
        parser.error("restore-keys, and only it, takes a file")
    try:
        harden()
        settings = Settings.from_env(os.environ)
        logs.configure(settings.log_level)
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)  # its lines could quote a malformed request
        if told.command == "restore-keys":  # into a restored database, before the check that lets it be served
            settings = replace(settings, log_witness=None)
        _check_database(settings)
        vault = build(settings)
        _run(told.command, told.file, vault, settings)
    except (ConfigError, UnsafeDatabaseError, SQLAlchemyError, KmsError, VaultError, OSError, ValueError) as error:
        sys.stderr.write(f"The vault does not start: {_out_of_reach(error)}\n")
        return 1
    return 0


def _run(command: str, file: Path | None, vault: Vault, settings: Settings) -> None:
    log = structlog.get_logger()
    if command == "restore-keys" and file is not None:
        log.info("vault.keys_restored", keys=vault.rotation.restore(file))
    vault.rotation.require_keys()
    if command == "rotate":
        log.info("vault.rotated", keys=vault.rotation.rotate())
    if command == "serve":
        asyncio.run(serve(vault, settings))


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
