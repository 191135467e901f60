"""Listens on a Unix socket (0600) or on loopback, rotates the epoch when its week is over, and stops in order."""

import asyncio
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from portal.core import clock
from portal.core.config import Settings
from portal.core.nameless import answer_without_versions
from vault.api import Api
from vault.errors import VaultError
from vault.kms.base import KmsError
from vault.service import Vault

UNIX: Final = "unix:"
BACKLOG: Final = 128
ROTATION_CHECK_S: Final = 3600
EXPORT_CHECK_S: Final = 2

log = structlog.get_logger()


def listen(address: str, peers: tuple[int, ...]) -> socket.socket:
    """A listening socket at PORTAL_VAULT_URL: `unix:/path` or `http://127.0.0.1:port`. Raises OSError.

    A Unix socket is for its owner alone; when other user ids are `peers`, everybody may knock, and SO_PEERCRED decides.
    """
    if not address.startswith(UNIX):
        parts = urlsplit(address)
        family = socket.AF_INET6 if ":" in (parts.hostname or "") else socket.AF_INET
        return socket.create_server((parts.hostname or "", parts.port or 0), family=family, backlog=BACKLOG)
    path = Path(address.removeprefix(UNIX))
    _clear(path)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    if peers:
        path.chmod(0o666)
    listener.listen(BACKLOG)
    return listener


def _clear(path: Path) -> None:
    """Remove the socket that a killed vault left behind. Raises OSError when a living one listens there."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(f"another vault listens at {path}")


def allowed(address: str, peers: tuple[int, ...]) -> frozenset[int] | None:
    """The user ids that may connect; None where no peer can be told: on loopback, and on systems other than Linux."""
    if not address.startswith(UNIX) or sys.platform != "linux":
        return None
    return frozenset({os.geteuid(), *peers})


async def serve(vault: Vault, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    address, peers = settings.require("vault_url"), settings.vault_peers or ()
    api = Api(vault, allowed(address, peers))
    answer_without_versions()
    runner = web.AppRunner(api.application(), access_log=None, handle_signals=False)
    await runner.setup()
    listener = listen(address, peers)
    await web.SockSite(runner, listener).start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_rotate_weekly(vault, api)), asyncio.create_task(_carry_out(vault, api))]
    log.info("vault.ready")
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await runner.cleanup()
    vault.store.close()
    unlisten(address)


def unlisten(address: str) -> None:
    """Remove the Unix socket's file."""
    if address.startswith(UNIX):
        Path(address.removeprefix(UNIX)).unlink(missing_ok=True)


async def _rotate_weekly(vault: Vault, api: Api) -> None:
    while True:
        with suppress(VaultError):
            await api.run(rotate_if_due, vault)
        await asyncio.sleep(ROTATION_CHECK_S)


async def _carry_out(vault: Vault, api: Api) -> None:
    """Carry out orders, step by step, in a thread of their own, so that they never make anybody wait for a page."""
    with ThreadPoolExecutor(1, thread_name_prefix="export") as thread:
        while True:
            worked = False
            with suppress(VaultError):
                worked = await asyncio.get_running_loop().run_in_executor(thread, vault.runner.turn, clock.now())
            if not worked:
                api.exports.woken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(api.exports.woken.wait(), EXPORT_CHECK_S)


def rotate_if_due(vault: Vault) -> None:
    """Rotate when the epoch's week is over, else finish what a crash left undone; failing is logged and tried again."""
    try:
        if vault.rotation.due(clock.now()):
            log.info("vault.rotated", keys=vault.rotation.rotate())
        elif vault.rotation.unfinished():
            log.info("vault.rotation_finished", keys=vault.rotation.finish())
    except (VaultError, KmsError) as error:
        log.error("vault.rotation_failed", error=type(error).__name__)
