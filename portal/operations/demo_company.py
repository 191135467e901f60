"""The demo's company: about 300 people at three sites, in departments of 3 to 90. The same people each time."""

import random
import unicodedata
from dataclasses import dataclass
from typing import Final

from portal.operations.demo_people import BERLIN, DOMAIN, DUBLIN, PEOPLE, ZURICH, DemoPerson, Site

SEED: Final = "daylight demo 1"
DEPARTMENTS: Final = {
    "Engineering": 90,
    "Sales": 55,
    "Customer Service": 45,
    "Operations": 33,
    "Finance": 24,
    "Product": 17,
    "Marketing": 14,
    "Human Resources": 9,
    "Legal": 6,
    "Privacy": 4,
    "Facilities": 3,
}
SIZE: Final = sum(DEPARTMENTS.values())
SITES: Final = (BERLIN, DUBLIN, ZURICH)
PER_SITE: Final = (5, 3, 2)
SMALLEST_SPREAD: Final = 10
"""A smaller department works at one site."""

GERMAN_SPEAKING: Final = 0.8
MACHINES: Final = ("ThinkPad T14", "ThinkPad X1", "Latitude 7450", "EliteBook 840", "MacBook Air", "Workstation 5")
GIVEN: Final = (
    "Anna Jonas Leonie Felix Mia Paul Lena Max Sophie Lukas Marie Tim Julia Moritz Laura David Emma Jan Katrin Stefan "
    "Sabine Markus Nina Tobias Petra Andreas Aoife Conor Niamh Sean Ciara Liam Saoirse Eoin Orla Cormac Sinead Declan "
    "Luca Chiara Reto Ursina Beat Sandro Elif Mehmet Zeynep Emre Ayse Deniz Priya Arjun Mei Chen Ivana Marek Olena "
    "Pavlo Ines Tiago Fatima Yusuf Amara Kofi Ingrid Lars Freya Nils Elena Andrei"
)
FAMILY: Final = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder "
    "Neumann Schwarz Zimmermann Braun Krüger Hofmann Lange Werner Krause Lehmann Köhler Maier Huber Keller Frei Moser "
    "Brunner Baumann Gerber Widmer Zürcher Murphy Kelly Byrne Ryan Walsh Doyle McCarthy Gallagher Doherty Kennedy "
    "Lynch Yilmaz Demir Celik Sahin Aydin Arslan Sharma Patel Li Wang Novak Horvat Kovalenko Silva Costa Rossi Bianchi "
    "Conti Mensah Adeyemi Haddad Nasser Lindqvist Hansen Popescu Ionescu"
)


@dataclass(frozen=True)
class Colleague:
    """An employee of the demo. `german`: share of what they write that is German; `devices`: names of machines."""

    subject: str
    name: str
    email: str
    site: Site
    department: str
    german: float
    devices: tuple[str, ...]


def company(size: int = SIZE) -> tuple[Colleague, ...]:
    """The first `size` people; those who can sign in come first."""
    draw = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    taken = {person.email for person in PEOPLE}
    places = [department for department, count in DEPARTMENTS.items() for _ in range(count)]
    for person in PEOPLE:
        places.remove(person.department)
    draw.shuffle(places)
    homes = {name: draw.choices(SITES, PER_SITE)[0] for name in DEPARTMENTS}
    others = [_colleague(draw, department, homes, taken) for department in places]
    return (*map(_of, PEOPLE), *others)[:size]


def _of(person: DemoPerson) -> Colleague:
    german = 0.0 if person.site is DUBLIN else 0.5
    return Colleague(person.user, person.name, person.email, person.site, person.department, german, person.devices)


def _colleague(draw: random.Random, department: str, homes: dict[str, Site], taken: set[str]) -> Colleague:
    name, email = _new_name(draw, taken)
    small = DEPARTMENTS[department] < SMALLEST_SPREAD
    site = homes[department] if small else draw.choices(SITES, PER_SITE)[0]
    german = 0.0 if site is DUBLIN else GERMAN_SPEAKING if draw.random() < GERMAN_SPEAKING else 1 - GERMAN_SPEAKING
    return Colleague(email.partition("@")[0], name, email, site, department, german, (draw.choice(MACHINES),))


def _new_name(draw: random.Random, taken: set[str]) -> tuple[str, str]:
    """A name nobody has yet, with its address."""
    while True:
        given, family = draw.choice(GIVEN.split()), draw.choice(FAMILY.split())
        email = f"{_plain(given)}.{_plain(family)}@{DOMAIN}"
        if email not in taken:
            taken.add(email)
            return f"{given} {family}", email


def _plain(name: str) -> str:
    """A name in the letters of an address: `Müller` → `mueller`."""
    spelled = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
