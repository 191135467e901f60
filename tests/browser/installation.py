"""A whole installation on real sockets for a real browser: all processes, sign-in, a database."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from werkzeug.serving import make_server

from portal.app import create_app
from portal.core import clock
from portal.core.config import Settings
from portal.core.web import state
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from portal.policies.default_policy import default_policy
from tests.ballot.process import BallotProcess
from tests.cast import Organisation
from tests.fresh_database import fresh_database
from tests.gateway.process import Gateway, free_port
from tests.provider.server import CLIENT_ID, CLIENT_SECRET, HostileProvider
from tests.vault.arrange import VAULT_TAKES, vault_process
from wire.policy import Policy

HISTORY = timedelta(days=70)
Superuser = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Installation:
    """Where it is, and the hands that arrange it. `base`: the portal's address without a slash at the end."""

    base: str
    settings: Settings
    policy: Policy
    app: Flask
    provider: HostileProvider
    organisation: Organisation
    superuser: Superuser
    database: str


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve `app` on loopback in a thread of its own until the end of the block."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(environment: Mapping[str, str], provider: HostileProvider, files: Path, port: int) -> dict[str, str]:
    """`PORTAL_*` of an installation of its own beside the one of the other tests."""
    return {
        **environment,
        "PORTAL_BASE_URL": f"http://localhost:{port}",
        "PORTAL_OIDC_ISSUER": provider.issuer,
        "PORTAL_OIDC_CLIENT_ID": CLIENT_ID,
        "PORTAL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "PORTAL_KMS": f"file:{files / 'kms'}",
        "PORTAL_VAULT_URL": f"unix:{files / 'vault.sock'}",
        "PORTAL_VAR_DIR": str(files),
        "PORTAL_DEMO": "1",
        "PORTAL_DEMO_DISPLAY": "1",
        "PORTAL_SECURITY_CONTACT": "mailto:security@daylight.example",
        "PORTAL_CONTACT_COUNCIL": "council@daylight.example",
        "PORTAL_CONTACT_OFFICER": "privacy@daylight.example",
    }


def in_force(settings: Settings, organisation: Organisation) -> Policy:
    """Migrate the database of `settings`; publish the trust document and a policy in force for weeks; the policy."""
    migrate(settings, demo=True)
    policy = default_policy(clock.to_ms(clock.now() - HISTORY))
    with as_owner(settings) as session:
        publish_trust(session, organisation.trust_envelope())
        publish(session, organisation.policy_envelope(policy), clock.to_ms(clock.now()))
    return policy


@contextmanager
def installation(
    postgres: Postgres, environment: Mapping[str, str], organisation: Organisation, files: Path
) -> Iterator[Installation]:
    """Everything, running; `files`: a short directory of its own, since a socket's path is short."""
    with ExitStack() as stack:
        provider = stack.enter_context(HostileProvider().running())
        name, variables = stack.enter_context(fresh_database(postgres, environment))
        port = free_port()
        variables = told(variables, provider, files, port)
        policy = in_force(Settings.from_env(variables), organisation)
        own = {key: variables[key] for key in (*VAULT_TAKES, "PORTAL_DEMO")}
        stack.enter_context(vault_process(own, files / "vault.log"))
        gateway = stack.enter_context(Gateway(variables))
        ballot = stack.enter_context(BallotProcess(variables))
        beside = {"PORTAL_GATEWAY_URL": gateway.url, "PORTAL_BALLOT_URL": ballot.url}
        settings = Settings.from_env(variables | beside)
        app = create_app(settings, testing=True)
        stack.callback(state.of(app).database.dispose)
        stack.enter_context(serving(app, port))
        superuser = stack.enter_context(psycopg.connect(postgres.superuser_conninfo(name)))
        base = settings.require("base_url")
        yield Installation(base, settings, policy, app, provider, organisation, superuser, name)
