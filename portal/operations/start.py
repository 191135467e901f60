"""`python -m portal up` and `python -m portal demo`: an installation on one machine, from nothing to ready."""

from collections.abc import Mapping

from portal.core.config import Settings
from portal.operations import demo, demo_store
from portal.operations.bootstrap import bootstrap
from portal.operations.demo_arrange import arrange, people_of
from portal.operations.demo_progress import Bar, follow
from portal.operations.identity_provider import IdentityProvider
from portal.operations.installation import IDENTITY_PROVIDER_OFFSET, complete, local_addresses, services
from portal.operations.ports import refuse_taken
from portal.operations.postgres import Postgres
from portal.operations.runtime import Runtime
from portal.operations.schema import migrate, require_kind
from portal.operations.supervisor import Supervisor, run, tell

NEEDED = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")


def up(environ: Mapping[str, str]) -> None:
    """Run the portal for the identity provider that PORTAL_OIDC_* names, until a signal.

    Raises ConfigError or OperationsError with one sentence.
    """
    given = Settings.from_env(environ)
    for name in NEEDED:
        given.require(name)
    runtime = Runtime(given.var_dir.resolve())
    runtime.prepare()

    def begin(supervisor: Supervisor) -> None:
        variables = complete(environ, runtime, local_addresses(given.demo_port_base, runtime))
        settings = _begin_portal(supervisor, runtime, variables)
        tell(f"Daylight is ready: {settings.require('base_url')}")

    run(runtime, begin)


def run_demo(environ: Mapping[str, str]) -> None:
    """Run the portal with Canaille, demo people and a demo policy, on this machine only, until a signal.

    Raises ConfigError or OperationsError with one sentence.
    """
    given = Settings.from_env(environ)
    runtime = Runtime(given.var_dir.resolve())
    runtime.prepare()

    def begin(supervisor: Supervisor) -> None:
        variables, provider = _demo_settings(environ, runtime, given.demo_port_base)
        refuse_taken({"sign-in": provider.port})
        settings = _begin_portal(supervisor, runtime, variables, provider)
        people = people_of(settings)
        if given.demo_company:
            supervisor.start([demo.device_service(variables, runtime, people)])
        tell(f"Daylight is ready: {settings.require('base_url')}")
        keys = " and ".join(str(path) for path in demo.key_files(runtime))
        tell(f"Demo keys for the signing file, each under its holder's password: {keys}")
        tell("Sign in as one of these people (name, password, office):")
        for line in [*demo.greeting(), *demo.invitation(environ)]:
            tell(line)
        if given.demo_company:
            follow(demo.progress_file(runtime), Bar("Filling in the past weeks"))
            supervisor.start([demo.history_service(variables, runtime)])

    run(runtime, begin)


def _demo_settings(environ: Mapping[str, str], runtime: Runtime, base: int) -> tuple[dict[str, str], IdentityProvider]:
    """Made under the installation's lock: two first starts at once would each make secrets of their own."""
    local = local_addresses(base, runtime)
    provider = IdentityProvider(runtime, base + IDENTITY_PROVIDER_OFFSET, local["PORTAL_BASE_URL"])
    forced = local | demo.addresses(provider) | demo_store.addresses(runtime) | demo.screen(environ)
    kept = {name: value for name, value in environ.items() if not name.startswith("PORTAL_OIDC_")}
    return complete(kept, runtime, local) | forced, provider


def _begin_portal(
    supervisor: Supervisor, runtime: Runtime, variables: dict[str, str], provider: IdentityProvider | None = None
) -> Settings:
    """Database, schema, processes; for the demo also its policy and identity provider. Gives all settings."""
    _refuse_taken_ports(Settings.from_env(variables))
    if "PORTAL_DATABASE_URL" not in variables:
        server = Postgres(runtime)
        server.prepare()
        supervisor.start([server.service()])
        variables["PORTAL_DATABASE_URL"] = server.url()
        bootstrap(server.superuser_conninfo(), Settings.from_env(variables).database_passwords)
    settings = Settings.from_env(variables)
    require_kind(settings, demo=provider is not None)
    migrate(settings, demo=provider is not None)
    processes = services(variables)
    if provider is not None:
        demo.publish_first_policy(settings, runtime)
        arrange(settings)
        demo_store.provide(settings, runtime)
        processes.insert(-1, provider.service())
    supervisor.start(processes)
    return settings


def _refuse_taken_ports(settings: Settings) -> None:
    binds = {"portal": settings.web_bind, "gateway": settings.gateway_bind, "ballot": settings.ballot_bind}
    refuse_taken({purpose: int(bind.rpartition(":")[2]) for purpose, bind in binds.items()})


def bootstrap_database(environ: Mapping[str, str]) -> None:
    """Make roles and database on the server that PORTAL_DATABASE_SUPERUSER_URL names.

    Passwords the environment does not bring are made and kept under `var/secrets`. Raises ConfigError, OperationsError.
    """
    given = Settings.from_env(environ)
    runtime = Runtime(given.var_dir.resolve())
    runtime.prepare()
    settings = Settings.from_env(complete(environ, runtime, {}))
    bootstrap(settings.require_proved("database_superuser_url"), settings.database_passwords)
