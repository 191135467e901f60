"""A company large enough for statistics: people at three sites, seven weeks of work, and their releases."""

import random
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from portal.core import clock
from portal.core.db import Database
from portal.council import groupings
from portal.releases.jobs import releaser
from portal.releases.periods import WEEK, monday
from tests.browser.installation import Installation
from tests.cast import make_person
from wire import documents

PLACES = (
    ("DE", "Berlin", "Engineering", 41),
    ("DE", "Berlin", "Sales", 23),
    ("DE", "Berlin", "Legal", 4),
    ("DE", "Berlin", "Finance", 12),
    ("IE", "Dublin", "Engineering", 27),
    ("IE", "Dublin", "Customer Service and Complaints", 33),
    ("CH", "Zürich", "Research", 19),
)
KINDS = (("key", "outlook", 2), ("click", "jira", 1), ("screenshot", "vscode", 3), ("window", "terminal", 1))
WEEKS = 7


def arrange(installed: Installation) -> UUID:
    """Fill in what is missing; the newest week's release."""
    first = monday(clock.now().date()) - WEEKS * WEEK
    database = Database(installed.settings)
    superuser = installed.superuser
    if superuser.execute("SELECT count(*) FROM pub.release").fetchone() == (0,):
        draw = random.Random(7)  # noqa: S311 - invented work
        for country, site, department, count in PLACES:
            for _ in range(count):
                person = make_person(superuser, "Somebody", country=country, site=site, department=department)
                _works(installed, person, first, draw)
        superuser.commit()
        job = releaser(since=first)
        more = True
        while more:
            with database.transaction("worker") as session:
                more = job(session, clock.now())
    database.dispose()
    found = superuser.execute("SELECT id FROM pub.release WHERE span = 'week' ORDER BY ends_on DESC LIMIT 1").fetchone()
    assert found
    return UUID(str(found[0]))


def papers(installed: Installation) -> dict[str, UUID]:
    """Minutes that everybody was told, in two versions, and an impact assessment."""
    made = {kind: uuid4() for kind in ("minutes", "impact_assessment")}
    for kind, version in (("minutes", 1), ("minutes", 2), ("impact_assessment", 1)):
        installed.superuser.execute(
            "INSERT INTO room_document (id, document_id, version, kind, title, on_day, text, link, told) "
            "VALUES (gen_random_uuid(), %s, %s, %s, '15. KW', now(), '§ 80', 'https://intranet.example/1', %s)",
            [made[kind], version, kind, kind == "minutes"],
        )
    installed.superuser.commit()
    return made


def propose(installed: Installation, council: UUID) -> None:
    """A smallest group that was signed, one that was withdrawn, and one that waits."""
    database = Database(installed.settings)
    try:
        with database.transaction("web_council", council) as session:
            for people, before in ((12, 10), (11, 12), (9, 12)):
                groupings.propose(session, council, people, before, "Our smallest teams want to see.", clock.now())
                row = groupings.opened(session)
                assert row
                if people == 12:
                    signed = documents.sign(groupings.read(row), [installed.organisation.council])
                    assert groupings.sign(session, council, row, signed, clock.now())
                elif people == 11:
                    groupings.withdraw(session, council, row, clock.now())
    finally:
        database.dispose()


def _works(installed: Installation, person: UUID, first: date, draw: random.Random) -> None:
    for number in range(WEEKS):
        week = first + number * WEEK
        for day in range(5):
            for kind, context, sensitivity in KINDS:
                items = draw.randint(0, 60 + 10 * number)
                if items and draw.random() < 0.8:
                    installed.superuser.execute(
                        "INSERT INTO employee_day VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                        [person, week + timedelta(days=day), kind, context, sensitivity, items, items * 9000, items],
                    )
        if draw.random() < 0.15 + 0.05 * number:
            at = datetime.combine(week, time(9 + number), UTC)
            installed.superuser.execute(
                "INSERT INTO pause (id, employee_id, source, number, asked_at, starts_at, ends_at) "
                "VALUES (%s, %s, 'page', 1, %s, %s, %s)",
                [uuid4(), person, at, at, at + timedelta(minutes=draw.choice((30, 60, 400)))],
            )
