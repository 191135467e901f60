"""A company with released weeks, and who reads them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from portal.app import create_app
from portal.core.web import state
from portal.operations.postgres import Postgres
from tests.cast import make_person
from tests.provider.fixtures import app, make_app, provider, running_provider, signed_in, web_environment
from tests.releases.conftest import Company, company, founded, migrated, week
from tests.web_client import BASE, Browser, sign_in

__all__ = [
    "app", "company", "make_app", "migrated", "provider", "running_provider", "signed_in", "web_environment", "week",
]  # fmt: skip


@dataclass
class Council:
    """Clara is of the works council, Ben an employee, Hana of HR; four weeks and a month may be read."""

    company: Company
    browse: Callable[[UUID | None], Browser]
    clara: UUID
    ben: UUID
    hana: UUID
    browsers: dict[UUID, Browser] = field(default_factory=dict)

    def as_(self, who: UUID | None) -> Browser:
        """A browser signed in as somebody, kept for the test."""
        if who is None:
            return self.browse(None)
        if who not in self.browsers:
            self.browsers[who] = self.browse(who)
        return self.browsers[who]

    def get(self, path: str, who: UUID | None = None) -> str:
        """A page as Clara sees it, or somebody else."""
        answer = self.as_(who or self.clara).get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def newest(self) -> UUID:
        """The newest week's release."""
        found: UUID = self.company.value("SELECT id FROM pub.release WHERE span = 'week' ORDER BY ends_on DESC LIMIT 1")
        return found


@contextmanager
def read(company: Company) -> Iterator[Council]:
    """The portal on the company's database."""
    app = create_app(company.settings, testing=True)
    names, place = ("Clara Voss", "Ben Roth", "Hana Berg"), {"country": "DE", "site": "Berlin", "department": "Sales"}
    clara, ben, hana = (make_person(company.superuser, name, **place) for name in names)
    for who, role in ((clara, "works_council"), (hana, "hr")):
        company.superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [who, role])
    company.superuser.commit()

    def browse(person: UUID | None) -> Browser:
        return Browser(app, sign_in(company.superuser, person) if person else None, BASE)

    yield Council(company, browse, clara, ben, hana)
    state.of(app).database.dispose()


@pytest.fixture
def council(company: Company) -> Iterator[Council]:
    """The desk before any release."""
    with read(company) as made:
        yield made


@pytest.fixture(scope="module")
def released(postgres: Postgres, environment: dict[str, str], migrated: str) -> Iterator[Council]:
    """Four weeks of work, the last one with more pauses, and their releases with the month's; only to be read."""
    with founded(postgres, environment, migrated) as company, read(company) as made:
        work(company)
        assert company.release(week(4)) == 5
        yield made


def work(company: Company) -> None:
    """Four weeks: clicks by everybody, keys by most, prompts by few."""
    for number in range(4):
        everybody = company.everybody()
        company.works(everybody, week(number))
        company.works(everybody[::2], week(number), "key", "outlook", sensitivity=2)
        company.works(everybody[:4], week(number), "prompt", "chat", sensitivity=4)
        for person in everybody[: 15 + 12 * (number == 3)]:
            at = datetime.combine(week(number), time(10), UTC)
            company.pauses(person, at, at + timedelta(minutes=30))
