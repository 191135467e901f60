"""The people whose pages are crawled: one with much to see, one paused, one new, one with a role.

`asked`: Amira's requests by the state they are in. `acting`: the delegation that lets Hana act for her.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from playwright.sync_api import Browser

from portal.core import clock
from tests.browser import (
    bystanders,
    handovers,
    incidents,
    mismatches,
    petitions,
    requests,
    rollouts,
    statistics,
    stops,
    stores,
)
from tests.browser.desk import desk
from tests.browser.installation import Installation
from tests.browser.people import Someone, sign_in, stay_fresh
from tests.browser.policies import drafts
from tests.cast import make_person
from wire.documents import Kind, document_hash

STORES = (
    ("CRM: contacts", "done", 83, None, None),
    ("Data lake: clicks_by_day", "running", 1200, 5000, None),
    ("Old warehouse", "waiting", 0, None, datetime(2026, 11, 28, 9, tzinfo=UTC)),
)


@dataclass(frozen=True)
class Cast:
    """Who is crawled; `items`: the newest of Amira's items by kind, all of the day `day`.

    `exports`: exports of Amira's by how they stand. `desk`: the numbers of requests at HR's desk, by what is special
    about them; `hold`: a legal hold. `drafts`: drafts of policies by their state; `waiting`: the number of the one
    that waits for signatures. `stops`: stops for all by how they stand; Sara works where one is in force. `rollout`:
    the version that goes out in rings. `release`: the newest week that Clara of the works council reads. `petitions`:
    by how they stand, and a draft of Amira's. `papers`: of the evidence room, by kind. `shown`: an item of Amira's
    that shows Nina. `link`: where a leaver fetches a copy.
    """

    amira: Someone
    paul: Someone
    olga: Someone
    nina: Someone
    hana: Someone
    clara: Someone
    omar: Someone
    items: dict[Kind, UUID]
    day: date
    exports: dict[str, UUID]
    asked: dict[str, UUID]
    acting: UUID
    shown: UUID
    link: str
    desk: dict[str, int]
    hold: UUID
    ben: Someone
    eva: Someone
    drafts: dict[str, UUID]
    waiting: int
    sara: Someone
    stops: dict[str, UUID]
    rollout: int
    mismatch: UUID
    release: UUID
    papers: dict[str, UUID]
    petitions: dict[str, UUID]

    def who(self, name: str) -> Someone:
        """One of them by name."""
        found: Someone = getattr(self, name)
        return found


def assemble(browser: Browser, installed: Installation) -> Cast:
    """Sign everybody in and give them what their pages show."""
    amira = sign_in(browser, installed, "Amira Kaya")
    items, day = _busy(amira)
    paul, olga = sign_in(browser, installed, "Paul Pauser"), sign_in(browser, installed, "Olga Outwith")
    _stopping(paul)
    _opted_out(olga)
    hana = sign_in(browser, installed, "Hana Lindqvist-Okonkwo", groups=["HR team"])
    helge = sign_in(browser, installed, "Helge Moe", groups=["HR team"])
    omar = sign_in(browser, installed, "Omar Haddad", groups=["Privacy office"])
    clara = sign_in(browser, installed, "Clara Weiss", groups=["Works council"])
    stay_fresh(hana, helge, omar, clara)
    dora = make_person(installed.superuser, "Dora Nachtigall-Weber", country="DE", department="Operations")
    seen = desk(installed, dora, (hana.id, helge.id))
    made = drafts(installed, omar.id)
    stores.arrange(installed)
    nina = sign_in(browser, installed, "Nina Neu")
    asked, acting = requests.arrange(amira, hana, items[Kind.KEY])
    sara = sign_in(browser, installed, "Sara Still")
    sara.rows.do("UPDATE employee SET site = 'Oslo' WHERE id = %s", sara.id)
    ben = sign_in(browser, installed, "Ben Roth")
    shown = bystanders.arrange(amira, nina, items)
    copies, link = handovers.arrange(hana, helge)
    incidents.arrange(installed, amira.id, omar.id, day)
    mismatch = mismatches.arrange(installed, amira.id, omar.id, day)
    statistics.propose(installed, clara.id)
    return Cast(
        amira=amira,
        paul=paul,
        olga=olga,
        nina=nina,
        hana=hana,
        items=items,
        day=day,
        exports=_exports(amira),
        asked=asked,
        acting=acting,
        shown=shown,
        link=link,
        desk=seen[0] | copies,
        hold=seen[1],
        ben=ben,
        eva=_expert(browser, installed),
        omar=omar,
        clara=clara,
        drafts=made,
        waiting=_number(installed, made["submitted"]),
        sara=sara,
        stops=stops.arrange(installed, omar.id, clara.id),
        rollout=rollouts.arrange(installed, omar.id),
        mismatch=mismatch,
        release=statistics.arrange(installed),
        papers=statistics.papers(installed),
        petitions=petitions.arrange(amira, ben),
    )


def _expert(browser: Browser, installed: Installation) -> Someone:
    """Somebody from outside, with a seat in the council's evidence room."""
    installed.superuser.execute(
        "INSERT INTO expert_seat (id, name, account, task, starts_at, ends_at) "
        "VALUES (gen_random_uuid(), 'Eva Exner', 'eva@exner.example', '§ 80 (3)', now(), now() + interval '9 days')"
    )
    installed.superuser.commit()
    return sign_in(browser, installed, "Eva Exner", email="eva@exner.example")


def _number(installed: Installation, draft: UUID) -> int:
    found = installed.superuser.execute("SELECT number FROM policy_draft WHERE id = %s", [draft]).fetchone()
    installed.superuser.rollback()
    assert found
    return int(str(found[0]))


def _busy(amira: Someone) -> tuple[dict[Kind, UUID], date]:
    """Weeks of work with pauses, refusals, deletions and looks."""
    now = clock.now()
    recorder = amira.records()
    _pauses(amira, now)
    for back in range(40, 0, -1):
        at = now - timedelta(days=back)
        if at.astimezone(amira.zone).isoweekday() <= 5:
            for number in range(back % 4 + 1):
                recorder.moved(at - timedelta(minutes=30 * number + 90))
    end = now - timedelta(minutes=1)
    items = recorder.day(end, 7)
    recorder.typed(
        now - timedelta(seconds=50), "My IBAN is DE89 3704 0044 0532 0130 00, thanks.\n", "outlook", "Re: fees"
    )
    outcomes = recorder.send()
    assert set(outcomes) == {"stored", "paused"}
    _devices(amira, recorder.device, now)
    _looks(amira, items[Kind.SCREENSHOT], now)
    _erasures(amira, now)
    return items, clock.local_day(end, amira.zone)


def _exports(amira: Someone) -> dict[str, UUID]:
    """One ready, one that waits for external stores, one that failed; the vault knows none of them."""
    now, day = clock.now(), timedelta(days=1)
    told = {
        "stores": True,
        "language": "en",
        "timezone": "UTC",
        "key_id": uuid4(),
        "wrapped_key": b"",
        "seal": b"",
    }
    ended = {"items_done": 412, "items_total": 412, "finished_at": now}
    made = {
        "ready": {"state": "ready", "archive_bytes": 48_391_204, "archive_until": now + 6 * day, "problems": 2} | ended,
        "failed": {"state": "failed", "reason": "too_late", "kinds": ["key", "prompt"]} | ended,
        "running": {"state": "running", "items_done": 196, "items_total": 412, "next_try_at": now + day},
    }
    ids = {}
    for back, (name, more) in enumerate(made.items()):
        ordered = now - timedelta(hours=back)
        ids[name] = amira.insert("export_order", ordered_at=ordered, expires_at=ordered + day, **told, **more)
    for number, (store, state, rows, total, since) in enumerate(STORES):
        amira.rows.do(
            "INSERT INTO export_store (employee_id, order_id, number, dataset_id, store, state, rows, rows_total, "
            "pending_since) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            *(amira.id, ids["running"], number, uuid4(), store, state, rows, total, since),
        )
    return ids


def _pauses(amira: Someone, now: datetime) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    amira.pause(starts_at=now - 2 * hour, ends_at=now - 1.4 * hour)
    amira.pause(starts_at=now - 7 * day - 4 * hour, ends_at=now - 7 * day - hour)
    amira.pause(starts_at=now + 2 * day, ends_at=now + 2 * day + hour)
    amira.pause(starts_at=now - hour, kinds=["screenshot"], contexts=["outlook"])
    amira.pause(starts_at=now - day, weekday=now.isoweekday() % 7 + 1, from_minute=840, minutes=90)


def _devices(amira: Someone, first: UUID, now: datetime) -> None:
    policy = document_hash(amira.installed.policy)
    amira.device("MacBook Air", last_seen_at=now - timedelta(hours=9), platform="macOS 27")
    amira.device("Build server", kind="opamp", public_key=None, bearer_hash=uuid4().bytes, platform="")
    amira.rows.do(
        "INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at) "
        "VALUES (%s, %s, 'applied', 0, %s, 0, now())",
        amira.id,
        first,
        policy,
    )


def _looks(amira: Someone, segment: UUID, now: datetime) -> None:
    seen = now - timedelta(days=3)
    amira.insert(
        "look",
        reader_id=uuid4(),
        reader_name="Omar Haddad",
        reader_unit="Privacy office",
        kind="open",
        purpose="INC-2041: complaint about a wrong label",
        segment_ids=[segment],
        covers_from=seen,
        covers_until=seen,
        at=seen,
        read_at=seen,
    )


def _erasures(amira: Someone, now: datetime) -> None:
    day, minutes = timedelta(days=1), timedelta(minutes=10)
    for back, more in enumerate(({}, {"undone_at": now}, {"done_at": now - day}, {}), 1):
        asked = now - timedelta(minutes=1) if back == 1 else now - back * day
        amira.insert(
            "erasure",
            asked_at=asked,
            starts_at=asked - day,
            ends_at=asked,
            kinds=["screenshot", "key"] if back > 1 else None,
            contexts=["outlook"] if back > 2 else None,
            items=3 * back,
            execute_after=asked + (timedelta(hours=2) if back == 1 else minutes),
            **more,
        )


def _stopping(paul: Someone) -> None:
    """A pause just asked for: one device has stopped, one does not answer."""
    now = clock.now()
    recorder = paul.records("ThinkPad T14")
    silent = paul.device("Workstation 3")
    paul.lease(silent, until=now + timedelta(days=1))
    recorder.day(now - timedelta(minutes=2), 1)
    recorder.send()
    asked = now - timedelta(seconds=8)
    paul.pause(starts_at=asked, ends_at=now + timedelta(hours=1))
    for what, after in (("received", 0.2), ("stopped", 0.4)):
        paul.rows.do(
            "INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, received_at) "
            "VALUES (%s, %s, %s, 1, 9, %s, %s)",
            paul.id,
            recorder.device,
            what,
            asked + timedelta(seconds=after),
            asked + timedelta(seconds=after),
        )


def _opted_out(olga: Someone) -> None:
    """No end, and nothing runs any more."""
    olga.device("ThinkPad X1", last_seen_at=clock.now() - timedelta(hours=1))
    olga.pause(starts_at=clock.now() - timedelta(hours=1))
