"""What an installation on one machine is made of: its settings, its secrets, and its table of processes.

Every secret is a 0600 file under `var/secrets`, made on first use, unless the environment brings its own. A process
is given all plain settings, but only the secrets it has a row for in `PROGRAMS`.
"""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.core.config import SOURCE, Settings, variable
from portal.core.documented import documented
from portal.core.logins import LOGINS, PASSWORD_PREFIX
from portal.operations.processes import Service, answers, python
from portal.operations.runtime import Runtime, random_secret

CHECKOUT: Final = Path(__file__).resolve().parents[2]
GATEWAY_OFFSET: Final = 10
IDENTITY_PROVIDER_OFFSET: Final = 20
BALLOT_OFFSET: Final = 30


def signing_key() -> str:
    """A new Ed25519 key as PEM (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _hex_key() -> str:
    return secrets.token_hex(32)


SECRETS: Final[dict[str, Callable[[], str]]] = {
    "secret_key": random_secret,
    "actor_key": _hex_key,
    "lease_key": signing_key,
    "log_key": signing_key,
    "vault_key": signing_key,
    "ballot_key": _hex_key,
    "ballot_seal": _hex_key,
    "eligible_key": _hex_key,
} | {f"db_password_{login}": random_secret for login in LOGINS}
"""The secrets we can make ourselves: settings attribute → how. The identity provider's is given by the operator."""


PROXIES: Final = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"})


@dataclass(frozen=True)
class Program:
    """One row of the process table: what to run, and which secrets it may hold."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[Settings], bool]
    logins: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    stores: bool = False
    """Whether it is given the addresses of external stores."""
    by_proxy: bool = False
    """Whether it asks the identity provider, and so is told of a proxy on the way there."""


def _vault_answers(settings: Settings) -> bool:
    address = settings.require("vault_url")
    if not address.startswith("unix:"):
        return answers(f"{address}/healthz")()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(address.removeprefix("unix:"))
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: vault\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


PROGRAMS: Final = (
    Program(
        "vault",
        ("-m", "vault"),
        _vault_answers,
        logins=("vault",),
        secrets=("vault_key", "kms_token"),
        by_proxy=True,
    ),
    Program(
        "worker",
        ("-m", "portal", "worker"),
        lambda _settings: True,
        logins=("worker", "readback"),
        secrets=("log_key", "smtp_url"),
        stores=True,
    ),
    Program(
        "gateway",
        ("-m", "gateway"),
        lambda settings: answers(f"http://{settings.gateway_bind}/healthz")(),
        logins=("gateway",),
        secrets=("lease_key",),
    ),
    Program(
        "ballot",
        ("-m", "ballot"),
        lambda settings: answers(f"http://{settings.ballot_bind}/healthz")(),
        logins=("ballot",),
        secrets=("ballot_key", "ballot_seal"),
    ),
    Program(
        "web",
        ("-m", "gunicorn", "--config", str(CHECKOUT / "gunicorn.conf.py"), "wsgi:app"),
        lambda settings: answers(f"http://{settings.web_bind}/healthz")(),
        logins=("web_session", "web_employee", "web_delegate", "web_hr", "web_council", "web_officer", "web_directory"),
        secrets=(
            *("secret_key", "actor_key", "oidc_client_secret", "metrics_token", "ballot_key", "eligible_key"),
            "scim_token",
        ),
        by_proxy=True,
    ),
)
"""In the order of starting; they are ended in reverse. PostgreSQL comes before, the demo's extras after."""


def complete(given: Mapping[str, str], runtime: Runtime, defaults: Mapping[str, str]) -> dict[str, str]:
    """The `PORTAL_*` variables of this installation: what the environment gives, our defaults, our own secrets."""
    ours = {name: value for name, value in given.items() if name.startswith("PORTAL_") and value}
    environ = dict(defaults) | ours | {"PORTAL_VAR_DIR": str(runtime.var)}
    for attribute, make in SECRETS.items():
        name = variable(attribute)
        if name not in environ and f"{name}_FILE" not in environ:
            environ[f"{name}_FILE"] = str(runtime.secret_file(_file_name(attribute), make))
    return environ


def local_addresses(base: int, runtime: Runtime) -> dict[str, str]:
    """Settings for an installation whose processes all listen on this machine, from port `base` on."""
    return {
        "PORTAL_BASE_URL": f"http://localhost:{base}",
        "PORTAL_WEB_BIND": f"127.0.0.1:{base}",
        "PORTAL_GATEWAY_URL": f"http://localhost:{base + GATEWAY_OFFSET}",
        "PORTAL_GATEWAY_BIND": f"127.0.0.1:{base + GATEWAY_OFFSET}",
        "PORTAL_BALLOT_URL": f"http://127.0.0.1:{base + BALLOT_OFFSET}",
        "PORTAL_BALLOT_BIND": f"127.0.0.1:{base + BALLOT_OFFSET}",
        "PORTAL_VAULT_URL": f"unix:{runtime.socket_directory() / 'vault.sock'}",
        "PORTAL_KMS": f"file:{runtime.var / 'kms'}",
        "PORTAL_LOG_WITNESS": f"file:{runtime.var / 'witness'}",
    }


def services(environ: Mapping[str, str]) -> list[Service]:
    """The process table for these settings, each process with its own environment only."""
    settings = Settings.from_env(environ)
    return [
        Service(
            name=program.name,
            command=python(*program.arguments),
            environment=environment(environ, program.logins, program.secrets, stores=program.stores)
            | (_proxies() if program.by_proxy else {}),
            is_ready=_bound(program.is_ready, settings),
        )
        for program in PROGRAMS
    ]


def environment(
    environ: Mapping[str, str], logins: tuple[str, ...], secrets: tuple[str, ...], *, stores: bool = False
) -> dict[str, str]:
    """Every plain setting, and of the secrets only those named; the addresses of external stores if `stores`."""
    own = {variable(name) for name in secrets} | {PASSWORD_PREFIX + login.upper() for login in logins}
    hidden = {line.variable for line in documented() if line.secret} - own
    hidden |= {f"{name}_FILE" for name in hidden}
    if not stores:
        hidden |= {name for name in environ if SOURCE.fullmatch(name)}
    visible = {name: value for name, value in environ.items() if name not in hidden}
    temporary = str(Path(environ["PORTAL_VAR_DIR"]) / "tmp")
    return visible | {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", "TMPDIR": temporary}


def _proxies() -> dict[str, str]:
    """Our own variables that name a proxy, in either of the two ways they are written."""
    return {name: os.environ[name] for name in os.environ if name.upper() in PROXIES}


def _bound(check: Callable[[Settings], bool], settings: Settings) -> Callable[[], bool]:
    return lambda: check(settings)


def _file_name(attribute: str) -> str:
    return attribute.replace("db_password_", "db_")
