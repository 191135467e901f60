"""Who connects to the database: one login for each process, and for each desk of the web process."""

from typing import Final

LOGINS: Final = (
    "web_session",
    "web_employee",
    "web_delegate",
    "web_hr",
    "web_council",
    "web_officer",
    "web_directory",
    "gateway",
    "vault",
    "worker",
    "readback",
    "ballot",
    "migrator",
)
"""The database logins; each has a password in `PORTAL_DB_PASSWORD_<LOGIN>`."""

PASSWORD_PREFIX: Final = "PORTAL_DB_PASSWORD_"  # noqa: S105 - the name of a variable
"""Begins the name of the setting with a login's password."""
