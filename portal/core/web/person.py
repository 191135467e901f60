"""The signed-in person, as one request knows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.core.permissions import EXPERT, ROLE_WORDS, Permission, granted

FRESH_FOR = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Read anew from the database on every request, so that a changed role counts on the next one (S06)."""

    id: UUID
    name: str
    email: str | None
    locale: str | None
    timezone: str
    roles: frozenset[str]
    left: bool
    session_id: UUID
    auth_time: datetime
    expires_at: datetime
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """For Flask-Login."""
        return str(self.id)

    @property
    def role(self) -> str:
        """The roles beside employee, in words; empty for most people."""
        return ", ".join(str(ROLE_WORDS[role]) for role in sorted(self.roles))

    @property
    def expert(self) -> bool:
        """Whether this is an outsider with a seat in the council's evidence room."""
        return EXPERT in self.roles

    def may(self, permission: Permission) -> bool:
        """Whether one of the person's roles has `permission`."""
        return permission in granted(self.roles, left=self.left)

    def fresh(self, now: datetime) -> bool:
        """Whether the person proved who they are to the identity provider in the last 15 minutes (S07)."""
        return now - self.auth_time <= FRESH_FOR
