"""`python -m portal`: a table of commands, each loaded when it is called, so that `--help` answers at once."""

import errno
from importlib import import_module
from typing import Final

import click
import psycopg
import sqlalchemy.exc

from portal.core.config import ConfigError
from portal.core.db import UnsafeDatabaseError
from portal.core.documented import documented
from portal.operations.runtime import OperationsError

COMMANDS: Final = {
    "up": ("portal.operations.commands", "up", "Run the portal on this machine."),
    "demo": ("portal.operations.commands", "demo", "Run the portal with people to try it as."),
    "demo-data": ("portal.operations.demo_command", "demo_data", "Fill a demo with people and their past weeks."),
    "demo-record": ("portal.operations.demo_machine", "demo_record", "Record this computer too, while the demo runs."),
    "sign": ("portal.signing.command", "sign", "Make keys, sign and verify on the signer's own machine."),
    "trust": ("portal.operations.trust_command", "trust", "Change which keys officer and council sign with."),
    "first-policy": ("portal.operations.first_policy", "first_policy", "Sign and publish the first policy, once."),
    "bootstrap-database": ("portal.operations.commands", "bootstrap_database", "Make database roles, once."),
    "migrate": ("portal.operations.commands", "migrate", "Bring the database's schema up to date."),
    "log": ("portal.operations.log_command", "log", "Check the audit log, or print its newest checkpoint."),
    "sources": ("portal.operations.sources_command", "sources", "Describe, discover and check external stores."),
    "restore-check": ("portal.operations.restore_command", "restore_check", "Erase again after a restore."),
    "worker": ("portal.operations.commands", "worker", "Do what happens without a person."),
}
"""Command → module, attribute, and the line that `--help` shows."""


FULL: Final = "A disk is full; free some space and start again. What was acknowledged is still there."
FOREIGN: Final = (
    "This account may not write or read {name}; start as the account that it belongs to, or set PORTAL_VAR_DIR to "
    "another place."
)
ON_DISK: Final = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: FOREIGN,
    errno.EPERM: FOREIGN,
    errno.EROFS: "{name} lies on a disk that cannot be written; set PORTAL_VAR_DIR to another place.",
}
"""What the operator can mend on a disk."""


class Commands(click.Group):
    """The table above, and what is defined in this file."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command of the table."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without loading them."""
        lines = [(name, line) for name, (_, _, line) in COMMANDS.items()]
        lines += [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(lines)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what the operator can mend is one sentence, not a traceback."""
        try:
            return super().invoke(ctx)
        except (ConfigError, OperationsError, UnsafeDatabaseError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno not in ON_DISK:
                raise
            raise click.ClickException(ON_DISK[error.errno].format(name=error.filename)) from error
        except (psycopg.OperationalError, sqlalchemy.exc.OperationalError) as error:
            why = str(getattr(error, "orig", error)).partition("\n")[0]
            raise click.ClickException(f"The database does not let us in: {why}") from error


@click.command(cls=Commands)
def main() -> None:
    """Daylight, the portal for the people whose work is captured. Settings: `python -m portal settings`."""


@main.command()
@click.option("--markdown", is_flag=True, help="As the table of docs/operations.md.")
def settings(markdown: bool) -> None:  # noqa: FBT001 - click passes it by name
    """List every setting, as the manual does."""
    for line in documented():
        if markdown:
            default = f"`{line.default}`" if line.default else "-"
            click.echo(f"| `{line.variable}` | {line.about} | {default} | {'yes' if line.secret else 'no'} |")
        else:
            click.echo(f"{line.variable}{'  (secret, also as _FILE)' if line.secret else ''}")
            click.echo(f"    {line.about}{f' Default: {line.default}' if line.default else ''}")
