"""Who can sign in at the demo: six people, each an employee, four of them with an office besides."""

from dataclasses import dataclass
from typing import Final

DOMAIN: Final = "daylight.example"


@dataclass(frozen=True)
class Site:
    """A place of work; `country` as in ISO 3166, `timezone` as in the IANA database."""

    name: str
    country: str
    timezone: str


BERLIN: Final = Site("Berlin", "DE", "Europe/Berlin")
DUBLIN: Final = Site("Dublin", "IE", "Europe/Dublin")
ZURICH: Final = Site("Zürich", "CH", "Europe/Zurich")


@dataclass(frozen=True)
class DemoPerson:
    """A person at the demo's identity provider; the password equals `<user>-demo`. `devices` record while it runs."""

    user: str
    given_name: str
    family_name: str
    group: str | None
    office: str
    site: Site
    department: str
    devices: tuple[str, ...]

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        """Address in the demo's own domain, which is reserved for examples."""
        return f"{self.user}@{DOMAIN}"

    @property
    def directories(self) -> tuple[str, ...]:
        """Where each device keeps its state, below `var/collectors`."""
        return tuple(f"{self.user}-{name.lower().replace(' ', '-')}" for name in self.devices)

    @property
    def password(self) -> str:
        """Known to everybody: the demo listens on this machine only."""
        return f"{self.user}-demo"


PEOPLE: Final = (
    DemoPerson("amira", "Amira", "Kaya", None, "employee", BERLIN, "Engineering", ("ThinkPad T14", "Workstation 3")),
    DemoPerson("ben", "Ben", "Okafor", None, "employee", DUBLIN, "Engineering", ("MacBook Air",)),
    DemoPerson("hana", "Hana", "Berg", "HR team", "HR", BERLIN, "Human Resources", ("ThinkPad X1",)),
    DemoPerson("helge", "Helge", "Moe", "HR team", "HR", BERLIN, "Human Resources", ("MacBook Pro",)),
    DemoPerson("clara", "Clara", "Vogt", "Works council", "works council", BERLIN, "Operations", ("Latitude 7450",)),
    DemoPerson("omar", "Omar", "Haddad", "Privacy office", "privacy officer", ZURICH, "Privacy", ("EliteBook 840",)),
)
