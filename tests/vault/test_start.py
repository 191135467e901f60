"""What the vault refuses to start with, and how its process is closed to others."""

import asyncio
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from aiohttp import web

from portal.core.vault_client import VaultClient
from portal.operations.postgres import Postgres
from tests.vault.arrange import ROOT, vault_process
from vault import server
from vault.api import Api
from vault.service import Vault


@pytest.fixture
def own(variables: dict[str, str], postgres: Postgres, request: pytest.FixtureRequest) -> dict[str, str]:
    """A socket of its own for each test."""
    name = f"s{abs(hash(request.node.name)) % 10**8}.sock"
    return variables | {"PORTAL_VAULT_URL": f"unix:{postgres.runtime.socket_directory() / name}"}


def start(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vault"]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def unsafe(postgres: Postgres, own: dict[str, str], request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The login `vault` with one thing wrong; put right afterwards."""
    wrong, right = request.param
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as superuser:
        superuser.execute(wrong)
        yield own
        superuser.execute(right)


@pytest.mark.parametrize(
    "unsafe",
    [
        ("ALTER ROLE vault SUPERUSER", "ALTER ROLE vault NOSUPERUSER"),
        ("ALTER ROLE vault BYPASSRLS", "ALTER ROLE vault NOBYPASSRLS"),
        ("ALTER ROLE vault REPLICATION", "ALTER ROLE vault NOREPLICATION"),
        ("ALTER ROLE vault CREATEROLE", "ALTER ROLE vault NOCREATEROLE"),
        ("GRANT owner TO vault WITH INHERIT FALSE, SET TRUE", "REVOKE owner FROM vault"),
        ("GRANT postgres TO vault WITH INHERIT FALSE, SET TRUE", "REVOKE postgres FROM vault"),
        ("ALTER ROLE vault SET synchronous_commit = off", "ALTER ROLE vault RESET synchronous_commit"),
    ],
    indirect=True,
    ids=lambda pair: pair[0],
)
def test_D05_the_vault_refuses_an_unsafe_database(unsafe: dict[str, str]) -> None:
    done = start(unsafe)
    assert done.returncode == 1
    assert done.stderr.startswith("The vault does not start: ")
    assert "login vault" in done.stderr or "synchronous_commit" in done.stderr
    assert not Path(unsafe["PORTAL_VAULT_URL"].removeprefix("unix:")).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"PORTAL_VAULT_KEY": "no key"}, "PORTAL_VAULT_KEY is not a PEM private key"),
        ({"PORTAL_OIDC_ISSUER": ""}, "PORTAL_OIDC_ISSUER is missing"),
        ({"PORTAL_KMS": ""}, "PORTAL_KMS is missing"),
        ({"PORTAL_DB_PASSWORD_VAULT": "wrong-password"}, "The database is out of reach."),
    ],
)
def test_a_missing_or_wrong_setting_is_told_in_one_sentence(
    own: dict[str, str], change: dict[str, str], sentence: str
) -> None:
    done = start(own | change)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "wrong-password" not in done.stderr


def test_two_vaults_do_not_share_a_socket(client: VaultClient, variables: dict[str, str]) -> None:
    assert client.healthy()
    done = start(variables)
    assert (done.returncode, "another vault listens" in done.stderr) == (1, True)
    assert client.healthy()


def test_the_process_leaves_no_core_and_shows_no_memory(own: dict[str, str], tmp_path: Path) -> None:
    with vault_process(own, tmp_path / "log") as process:
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
        owner = os.stat(f"/proc/{process.pid}/environ").st_uid  # noqa: PTH116 - of the kernel's file itself
        assert owner == 0
        path = Path(own["PORTAL_VAULT_URL"].removeprefix("unix:"))
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("peers", "status"), [((), 200), ((123456,), 200), (None, 403)])
def test_the_kernel_says_who_connects(
    vault: Vault, postgres: Postgres, peers: tuple[int, ...] | None, status: int
) -> None:
    """None: this process stands in for a stranger, since the vault lists only somebody else."""
    path = postgres.runtime.socket_directory() / "peer.sock"
    address = f"unix:{path}"
    users = frozenset({os.geteuid() + 1}) if peers is None else server.allowed(address, peers)

    async def ask() -> int:
        runner = web.AppRunner(Api(vault, users).application())
        await runner.setup()
        listener = server.listen(address, peers or ())
        assert path.stat().st_mode & 0o777 == (0o666 if peers else 0o600)
        await web.SockSite(runner, listener).start()
        got, _ = await asyncio.to_thread(VaultClient(address)._request, "GET", "/healthz", None)
        await runner.cleanup()
        server.unlisten(address)
        return got

    assert asyncio.run(ask()) == status


def test_on_loopback_it_answers_too(variables: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with vault_process(variables | {"PORTAL_VAULT_URL": address}, tmp_path / "log"):
        assert VaultClient(address).healthy()
    assert server.allowed(address, (1,)) is None
