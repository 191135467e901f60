"""The settings of every process, read once from `PORTAL_*` environment variables.

Each process holds a subset: a secret that was not given to it is `None`, and `Settings.require` fails loudly when it
is needed after all. Any secret `PORTAL_X` may come as `PORTAL_X_FILE`, a path whose content is the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from portal.core import values
from portal.core.logins import LOGINS, PASSWORD_PREFIX

SOURCE: Final = re.compile(r"(PORTAL_SOURCE_[A-Z0-9_]+_URL)(_FILE)?")
"""The address of an external store, and its `_FILE` form; what the middle may be is decided by `portal.sources`."""

GONE: Final = {"PORTAL_COUNCIL_QUORUM": "the trust document says it (python -m portal trust next --quorum)"}


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
    database_unproved: bool = _setting(
        "1 takes a PostgreSQL on another machine without `sslmode=verify-full`: something else protects the way there.",
        "0",
        values.flag,
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
    oidc_groups_claim: str = _setting(
        "Claim that lists a person's groups, in the ID token or in userinfo; a dot leads into an object: "
        "`realm_access.roles`.",
        "groups",
    )
    oidc_scope: str | None = _setting(
        "Scopes to ask for, separated by spaces, `openid` among them; unset: of `openid profile email groups` what "
        "the provider lists."
    )
    oidc_mail: str = _setting(
        "Which mail addresses of its claims are people's own, by which rows in other stores are found: `verified`, "
        "with `email_verified` true; `trusted`, also without a word about it, where nobody can write their own there, "
        "and without asking userinfo for one (web).",
        "verified",
        values.mail,
    )
    role_groups: Mapping[str, tuple[str, ...]] = _setting(
        "Which group gives which role: `hr=HR team,works_council=Works council,privacy_officer=Privacy office`; a "
        "site's own council is `works_council@Munich`, the site as the trust document has it; where "
        'a name has commas or a role several groups, as JSON: `{"hr": ["cn=hr,ou=groups,dc=example", "people-ops"]}`.',
        "hr=HR team,works_council=Works council,privacy_officer=Privacy office",
        values.role_groups,
    )
    grade_groups: Mapping[str, tuple[str, ...]] | None = _setting(
        "Which group gives which grade, the first that fits: `executive=Executives,manager=Team leads`, JSON as for "
        "roles; everybody else is `staff`. How many of each are exempt from capture is published. Unset: none (web).",
        parse=values.grade_groups,
    )
    place_claims: Mapping[str, str] | None = _setting(
        "Which claims say at each sign-in where somebody works, a dot leading into an object: "
        "`site=office,department=department,country=address.country`. A directory knows better (web).",
        parse=values.place_claims,
    )
    scim_token: str | None = _setting(
        "Opens `/scim/v2` to the company's directory, which tells there who works here: 32 characters or more (web).",
        parse=values.token,
        secret=True,
    )
    scim_subject: str = _setting(
        "Its attribute that is the `sub` of people: `externalId` or `userName` (web).",
        "externalId",
        values.scim_subject,
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

    ballot_url: str | None = _setting(
        "Public address of the ballot, as browsers reach it, with a host name of its own; without it nobody can sign a "
        "petition without their name (web, ballot).",
        parse=values.url,
    )
    ballot_bind: str = _setting("Where the ballot listens, host:port.", "127.0.0.1:8030", values.bind)
    ballot_key: str | None = _setting(
        "32 bytes, hexadecimal: proves to the ballot that the portal asks (web, ballot).",
        parse=values.hex_key,
        secret=True,
    )
    ballot_seal: str | None = _setting(
        "32 bytes, hexadecimal: seals the petitions' private keys in the database (ballot).",
        parse=values.hex_key,
        secret=True,
    )
    eligible_key: str | None = _setting(
        "32 bytes, hexadecimal: makes out of a person what the ballot knows instead. Changing it lets everybody get a "
        "second token for petitions that run (web).",
        parse=values.hex_key,
        secret=True,
    )

    log_key: str | None = _setting("Ed25519 key (PEM, PKCS #8) that signs the log's checkpoints (worker).", secret=True)
    log_witness: str | None = _setting(
        "Where each new checkpoint is handed, to be kept out of the database's reach: `file:/path` or "
        "`https://host/path` (by POST) or `mailto:name@example.org` (once an hour at most; needs `PORTAL_SMTP_URL`), "
        "several with commas (worker). A file that others can read shows them, too, "
        "when the database is an older one that was restored.",
        parse=values.witnesses,
    )

    tombstones: Path | None = _setting(  # noqa: RUF009 - a field()
        "File in which erased ranges are kept out of the database's reach; by default in PORTAL_VAR_DIR (worker).",
        parse=Path,
    )
    smtp_url: str | None = _setting(
        "Mail server: `smtps://user:password@host:465` or `smtp+starttls://user:password@host:587`; `smtp://` only on "
        "this machine. Without it no mail leaves, and people see everything on their pages (worker).",
        parse=values.smtp,
        secret=True,
    )
    mail_from: str = _setting("Sender of mails (worker).", "Daylight <daylight@localhost>", values.sender)

    upload_max_age: int = _setting("Seconds after which a captured stretch is refused.", "86400", values.count)
    policy_notice: int = _setting(
        "Hours between publishing a wider policy and its beginning, in which people are told (web).", "24", values.count
    )
    backup_days: int = _setting("Days that database backups are kept.", "30", values.count)
    export_days: int = _setting("Days that an export can be downloaded (vault).", "7", values.count)
    smallest_group: int = _setting(
        "How many people stand behind each published number at least, until the works council signs another number; "
        "10 or more (web, worker).",
        "10",
        values.smallest_group,
    )
    demo: bool = _setting("1 marks the installation as a demo, on every page and in the database.", "0", values.flag)
    demo_company: bool = _setting("0 leaves the demo without scripted devices and without a past.", "1", values.flag)
    demo_display: bool = _setting(
        "1 tells on the settings page how to record the demo's own computer; the demo sets it where there is a display "
        "(web).",
        "0",
        values.flag,
    )
    demo_port_base: int = _setting(
        "First port of the demo: portal +0, gateway +10, sign-in +20, ballot +30.", "8000", values.count
    )
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
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variable → address of an external store, from `PORTAL_SOURCE_<NAME>_URL`; only the worker is given any."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every setting that `environ` holds. Raises ConfigError, naming the variable."""
        for name in GONE.keys() & environ.keys():
            raise ConfigError(f"{name} is no setting any more: {GONE[name]}. Take it out.")
        values: dict[str, Any] = {}
        for spec in fields(cls):
            if spec.metadata:
                raw = _read(environ, variable(spec.name), secret=spec.metadata["secret"])
                if raw is not None:
                    values[spec.name] = _parsed(variable(spec.name), raw, spec.metadata["parse"])
        passwords = {login: _read(environ, PASSWORD_PREFIX + login.upper(), secret=True) for login in LOGINS}
        values["database_passwords"] = {login: given for login, given in passwords.items() if given}
        stores = {name: _read(environ, name, secret=True) for name in _source_variables(environ)}
        values["sources"] = {name: given for name, given in stores.items() if given}
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
        url = make_url(self._database())
        return url.set(drivername="postgresql+psycopg", username=login, password=self._password(login))

    def conninfo(self, login: str) -> str:
        """The database as `login`, as a libpq string for psycopg. Raises ConfigError when url or password miss."""
        return make_conninfo(self._database(), user=login, password=self._password(login))

    def require_proved(self, name: str) -> str:
        """The database address in the setting `name`. Raises ConfigError when nobody proves who answers there."""
        url = self.require(name)
        if not self.database_unproved and _parsed(variable(name), url, values.leaves_unproved):
            raise ConfigError(
                f"{variable(name)} leads to another machine without proof of who answers. Add sslmode=verify-full, "
                "or set PORTAL_DATABASE_UNPROVED=1 if something else protects the way."
            )
        return url

    def _database(self) -> str:
        return self.require_proved("database_url")

    def _password(self, login: str) -> str:
        try:
            return self.database_passwords[login]
        except KeyError:
            raise ConfigError(f"{PASSWORD_PREFIX}{login.upper()} is missing, and this process needs it.") from None


def variable(name: str) -> str:
    """The environment variable of a settings attribute: `base_url` → `PORTAL_BASE_URL`."""
    return f"PORTAL_{name.upper()}"


def _source_variables(environ: Mapping[str, str]) -> list[str]:
    """The variables of external stores that `environ` sets, directly or as a file."""
    return sorted({found[1] for found in map(SOURCE.fullmatch, environ) if found})


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
