"""The list of all settings, for the manual, for `python -m portal settings`, and for what must stay secret."""

from dataclasses import dataclass, fields
from typing import Final

from portal.core.config import Settings, variable
from portal.core.logins import LOGINS, PASSWORD_PREFIX


@dataclass(frozen=True)
class Documented:
    """One line of the list of settings: variable, what it does, default as text, whether `_FILE` works."""

    variable: str
    about: str
    default: str
    secret: bool


STORES: Final = {
    "PORTAL_SOURCE_<NAME>_URL": "Address of the external store `<name>`, to read and erase (worker).",
    "PORTAL_SOURCE_<NAME>_READBACK_URL": "The same store with other credentials, to read back (worker).",
}
"""For each store that `python -m portal sources list` names; see docs/sources.md for the forms."""


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
    return lines + [Documented(name, about, "", secret=True) for name, about in STORES.items()]
