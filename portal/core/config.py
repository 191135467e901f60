"""The settings of every process, read once from `PORTAL_*` environment variables.

Each process holds a subset: a secret that was not given to it is `None`, and `Settings.require` fails loudly when it
is needed after all. Any secret `PORTAL_X` may come as `PORTAL_X_FILE`, a path whose content is the value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from portal.core import values

LOGINS: Final = (
    "web_session",
    "web_employee",
    "web_hr",
    "web_council",
    "web_officer",
    "gateway",
    "vault",
    "worker",
    "ballot",
    "migrator",
)
"""The database logins; each has a password in `PORTAL_DB_PASSWORD_<LOGIN>`."""


PASSWORD_PREFIX: Final = "PORTAL_DB_PASSWORD_"  # noqa: S105 - the name of a variable


class ConfigError(Exception):
    """A setting is missing or wrong; the message names the variable and says what is expected."""


def _setting(about: str, default: str = "", parse: Callable[[str], Any] = values.text, *, secret: bool = False) -> Any:
    """A dataclass field that knows its own documentation; a secret stays out of `repr`; no default means None."""
    metadata = {"about": about, "default": default, "parse": parse, "secret": secret}
    return field(default_factory=lambda: parse(default) if default else None, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one process was told at its start. Attribute `x_y` comes from the variable `PORTAL_X_Y`."""

    base_url: str | None = _setting("Public address of the portal, without a slash at the end.", parse=values.url)
    secret_key: str | None = _setting("Signs CSRF tokens and the sign-in in progress (web).", secret=True)
    web_bind: str = _setting("Where the web process listens, host:port.", "127.0.0.1:8000", values.bind)
    var_dir: Path = _setting("Directory of the supervisor's runtime files.", "var", Path)  # noqa: RUF009 - a field()

    database_url: str | None = _setting(
        "PostgreSQL 16 or newer, without user and password: `postgresql://host:port/daylight` or "
        "`postgresql:///daylight?host=/socket/directory&port=N`.",
        parse=values.database,
    )
    database_superuser_url: str | None = _setting(
        "Only for `python -m portal bootstrap-database`: how to reach the server as a superuser, once.", secret=True
    )
    actor_key: str | None = _setting(
        "32 bytes, hexadecimal: proves to the database who acts (web; also read by bootstrap and migrate).",
        parse=values.hex_key,
        secret=True,
    )

    oidc_issuer: str | None = _setting("Issuer address of the identity provider.", parse=values.url)
    oidc_client_id: str | None = _setting("Client id at the identity provider.")
    oidc_client_secret: str | None = _setting("Client secret at the identity provider (web).", secret=True)
    oidc_groups_claim: str = _setting("Claim that lists a person's groups.", "groups")
    role_groups: Mapping[str, str] = _setting(
        "Which group gives which role: `hr=HR team,works_council=Works council,privacy_officer=Privacy office`.",
        "hr=HR team,works_council=Works council,privacy_officer=Privacy office",
        values.role_groups,
    )

    vault_url: str | None = _setting(
        "Where the vault listens: `unix:/path` or `http://127.0.0.1:port` (vault, web, worker).", parse=values.vault_url
    )
    vault_key: str | None = _setting("Ed25519 key (PEM, PKCS #8) that signs people's key documents.", secret=True)
    kms: str | None = _setting(
        "Holds the epoch keys: `file:/directory` (development) or `vault-transit:https://host/key` (vault).",
        parse=values.kms,
    )

    kms_token: str | None = _setting("Token for the transit engine of `vault-transit:` (vault).", secret=True)
    vault_peers: tuple[int, ...] | None = _setting(
        "User ids, comma-separated, that may connect to the vault's Unix socket; empty: only the vault's own user.",
        parse=values.user_ids,
    )

    gateway_url: str | None = _setting("Public address of the gateway, as devices reach it.", parse=values.url)
    gateway_bind: str = _setting("Where the gateway listens, host:port.", "127.0.0.1:8010", values.bind)
    lease_key: str | None = _setting("Ed25519 key (PEM, PKCS #8) that signs leases, pauses and stops.", secret=True)

    log_key: str | None = _setting("Ed25519 key (PEM, PKCS #8) that signs the log's checkpoints (worker).", secret=True)
    log_witness: str | None = _setting(
        "Where each new checkpoint is handed, to be kept out of the database's reach: `file:/path` (worker).",
        parse=values.witness,
    )

    upload_max_age: int = _setting("Seconds after which a captured stretch is refused.", "86400", values.count)
    backup_days: int = _setting("Days that database backups are kept.", "30", values.count)
    demo: bool = _setting("1 marks the installation as a demo, on every page and in the database.", "0", values.flag)
    demo_company: bool = _setting("0 leaves the demo without scripted devices and without a past.", "1", values.flag)
    demo_port_base: int = _setting("First port of the demo: portal +0, gateway +10, sign-in +20.", "8000", values.count)
    security_contact: str | None = _setting(
        "Whom to tell about a security problem: `mailto:` or `https:`; shown on every page and in security.txt.",
        parse=values.contact,
    )
    metrics_token: str | None = _setting(
        "Bearer token that opens `/metrics` from elsewhere than this machine (web).", secret=True
    )
    contact_council: str | None = _setting("E-mail address of the works council, shown on the page About.")
    contact_officer: str | None = _setting("E-mail address of the privacy officer, shown on the page About.")
    contact_hr: str | None = _setting("E-mail address of HR, shown on the page About.")
    log_level: str = _setting("debug, info, warning or error.", "info", values.level)

    database_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Login → password, from `PORTAL_DB_PASSWORD_<LOGIN>`; a process is given only the logins it uses."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every setting that `environ` holds. Raises ConfigError, naming the variable."""
        values: dict[str, Any] = {}
        for spec in fields(cls):
            if spec.metadata:
                raw = _read(environ, variable(spec.name), secret=spec.metadata["secret"])
                if raw is not None:
                    values[spec.name] = _parsed(variable(spec.name), raw, spec.metadata["parse"])
        passwords = {login: _read(environ, PASSWORD_PREFIX + login.upper(), secret=True) for login in LOGINS}
        values["database_passwords"] = {login: given for login, given in passwords.items() if given}
        return cls(**values)

    def require(self, name: str) -> str:
        """The value of the text setting `name` (an attribute name). Raises ConfigError when it was not given."""
        value = getattr(self, name)
        if value is None:
            raise ConfigError(f"{variable(name)} is missing, and this process needs it.")
        return str(value)

    def actor_key_bytes(self) -> bytes:
        """The 32 bytes of PORTAL_ACTOR_KEY. Raises ConfigError when it was not given."""
        return bytes.fromhex(self.require("actor_key"))

    def sqlalchemy_url(self, login: str) -> URL:
        """The database as `login`, for SQLAlchemy with psycopg 3. Raises ConfigError when url or password miss."""
        url = make_url(self.require("database_url"))
        return url.set(drivername="postgresql+psycopg", username=login, password=self._password(login))

    def conninfo(self, login: str) -> str:
        """The database as `login`, as a libpq string for psycopg. Raises ConfigError when url or password miss."""
        return make_conninfo(self.require("database_url"), user=login, password=self._password(login))

    def _password(self, login: str) -> str:
        try:
            return self.database_passwords[login]
        except KeyError:
            raise ConfigError(f"{PASSWORD_PREFIX}{login.upper()} is missing, and this process needs it.") from None


@dataclass(frozen=True)
class Documented:
    """One line of the list of settings: variable, what it does, default as text, whether `_FILE` works."""

    variable: str
    about: str
    default: str
    secret: bool


def variable(name: str) -> str:
    """The environment variable of a settings attribute: `base_url` → `PORTAL_BASE_URL`."""
    return f"PORTAL_{name.upper()}"


def documented() -> list[Documented]:
    """All settings in the order of the class, then the passwords of the database logins."""
    lines = [
        Documented(variable(spec.name), spec.metadata["about"], spec.metadata["default"], spec.metadata["secret"])
        for spec in fields(Settings)
        if spec.metadata
    ]
    for login in LOGINS:
        about = f"Password of the database login `{login}`."
        lines.append(Documented(PASSWORD_PREFIX + login.upper(), about, "", secret=True))
    return lines


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    """The raw value of a variable or of the file it points to; empty counts as absent."""
    direct = environ.get(name) or None
    path = environ.get(f"{name}_FILE") if secret else None
    if not path:
        return direct
    if direct:
        raise ConfigError(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}_FILE cannot be read: {error}") from error
    if not content:
        raise ConfigError(f"{name}_FILE points to an empty file.")
    return content


def _parsed(name: str, raw: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(raw)
    except ValueError as error:
        raise ConfigError(f"{name} is wrong: {error}") from error
