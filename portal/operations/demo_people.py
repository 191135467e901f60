"""Who can sign in at the demo: five people, each an employee, three of them with an office besides."""

from dataclasses import dataclass
from typing import Final

DOMAIN: Final = "daylight.example"


@dataclass(frozen=True)
class DemoPerson:
    """A person at the demo's identity provider; the password equals `<user>-demo`."""

    user: str
    given_name: str
    family_name: str
    group: str | None
    office: str

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        """Address in the demo's own domain, which is reserved for examples."""
        return f"{self.user}@{DOMAIN}"

    @property
    def password(self) -> str:
        """Known to everybody: the demo listens on this machine only."""
        return f"{self.user}-demo"


PEOPLE: Final = (
    DemoPerson("amira", "Amira", "Kaya", None, "employee"),
    DemoPerson("ben", "Ben", "Okafor", None, "employee"),
    DemoPerson("hana", "Hana", "Berg", "HR team", "HR"),
    DemoPerson("clara", "Clara", "Vogt", "Works council", "works council"),
    DemoPerson("omar", "Omar", "Haddad", "Privacy office", "privacy officer"),
)
