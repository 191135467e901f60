"""What the demo adds to an installation: people, devices, a past, and a policy signed by keys made for it.

The keys of officer and council lie under `var/secrets`: with a real policy they never reach the server.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID

from portal.core.config import Settings
from portal.operations.demo_people import PEOPLE
from portal.operations.first_policy import private_key, publish_first
from portal.operations.identity_provider import CLIENT_ID, IdentityProvider
from portal.operations.installation import environment, signing_key
from portal.operations.processes import Service, python
from portal.operations.runtime import Runtime, write_private
from portal.policies.default_policy import default_policy
from portal.signing import keyfile
from portal.signing.keyfile import HeldKey
from wire.documents import Kind, Signer
from wire.policy import Policy

IN_FORCE_MS: Final = 75 * 86_400_000
KEPT_DAYS: Final = 60
DEVICES: Final = "demo-devices"
HISTORY: Final = "demo-data"


def addresses(provider: IdentityProvider) -> dict[str, str]:
    """Settings by which the portal signs people in at the demo's identity provider."""
    return {
        "PORTAL_DEMO": "1",
        "PORTAL_POLICY_NOTICE": "0",
        "PORTAL_GRADE_GROUPS": "executive=Executives,manager=Managers",
        "PORTAL_OIDC_MAIL": "trusted",
        "PORTAL_OIDC_ISSUER": provider.issuer,
        "PORTAL_OIDC_CLIENT_ID": CLIENT_ID,
        "PORTAL_OIDC_CLIENT_SECRET": provider.client_secret,
    }


def publish_first_policy(settings: Settings, runtime: Runtime) -> None:
    """Publish trust document and default policy, unless there are some. Officer and council sign with demo keys."""
    officer = private_key(runtime.secret("officer_key", signing_key))
    council = private_key(runtime.secret("council_key", signing_key))
    publish_first(settings, officer, council, policy(int(time.time() * 1000)))


def key_files(runtime: Runtime) -> list[Path]:
    """Key files of the demo's signers for the signing file, each under the password of its holder; made once."""
    folder = runtime.var / "demo-keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = []
    for secret, signer, user in (("officer_key", Signer.OFFICER, "omar"), ("council_key", Signer.COUNCIL, "clara")):
        path = folder / f"{user}.json"
        person = next(one for one in PEOPLE if one.user == user)
        if not path.exists():
            key = private_key(runtime.secret(secret, signing_key))
            held = HeldKey(key, signer, f"{person.name} (demo)")
            write_private(path, keyfile.written(held, person.password))
        made.append(path)
    return made


def policy(now: int) -> Policy:
    """The default policy, in force long enough for a past of 30 working days, all of which it keeps but pictures."""
    shipped = default_policy(now - IN_FORCE_MS)
    kept = (
        rule if rule.kind is Kind.SCREENSHOT else replace(rule, retention_days=max(rule.retention_days, KEPT_DAYS))
        for rule in shipped.rules
    )
    return replace(shipped, rules=tuple(kept))


def device_service(variables: Mapping[str, str], runtime: Runtime, people: Mapping[str, UUID]) -> Service:
    """The demo people's devices: the collector with scripted probes, all in one process. `people`: user → id."""
    given = [f"{person.user}={people[person.user]}" for person in PEOPLE]
    expected = [runtime.var / "collectors" / name for person in PEOPLE for name in person.directories]
    return Service(
        name=DEVICES,
        command=python("-m", "portal.operations.demo_devices", *given),
        environment=environment(variables, ("web_employee",), ("actor_key",)),
        is_ready=lambda: all((directory / "identity.json").exists() for directory in expected),
    )


def history_service(variables: Mapping[str, str], runtime: Runtime) -> Service:
    """Fills in the past, once; `progress_file` tells how far it is."""
    return Service(
        name=HISTORY,
        command=python("-m", "portal", "demo-data", "--progress", str(progress_file(runtime))),
        environment=environment(variables, ("gateway", "migrator"), ()),
        once=True,
    )


def screen(environ: Mapping[str, str]) -> dict[str, str]:
    """The setting by which the settings page tells how to record this computer too, where it has a display."""
    return {"PORTAL_DEMO_DISPLAY": "1" if environ.get("DISPLAY") else "0"}


def invitation(environ: Mapping[str, str]) -> list[str]:
    """The same for the terminal."""
    if not environ.get("DISPLAY"):
        return []
    return ["To record this computer too, as Amira's, for as long as you like, run in another terminal: make record"]


def progress_file(runtime: Runtime) -> Path:
    """Where the process that fills in the past notes how far it is."""
    return runtime.run / "demo-data.json"


def greeting() -> list[str]:
    """The demo people with their passwords, a line each."""
    width = max(len(person.user) for person in PEOPLE)
    return [f"  {person.user:<{width}}  {person.password:<{width + 5}}  {person.office}" for person in PEOPLE]
