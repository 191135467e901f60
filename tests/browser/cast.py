"""The people whose pages are crawled: one with much to see, one paused, one new, one with a role."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from portal.core import clock
from tests.browser.installation import Installation
from tests.browser.people import Someone, sign_in
from wire.documents import Kind, document_hash

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Cast:
    """Who is crawled; `items`: the newest of Amira's items by kind, all of the day `day`."""

    amira: Someone
    paul: Someone
    olga: Someone
    nina: Someone
    hana: Someone
    items: dict[Kind, UUID]
    day: date

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
    nina = sign_in(browser, installed, "Nina Neu")
    return Cast(amira, paul, olga, nina, hana, items, day)


def _busy(amira: Someone) -> tuple[dict[Kind, UUID], date]:
    """Weeks of work with pauses, refusals, deletions and looks."""
    now = clock.now()
    recorder = amira.records()
    _pauses(amira, now)
    for back in range(40, 0, -1):
        at = now - timedelta(days=back)
        if at.astimezone(BERLIN).isoweekday() <= 5:
            for number in range(back % 4 + 1):
                recorder.moved(at - timedelta(minutes=30 * number + 90))
    hour = now.astimezone(BERLIN).hour
    end = now - (timedelta(minutes=1) if hour else timedelta(hours=2))  # just after midnight yesterday has more to show
    items = recorder.day(end, min(max(hour, 1), 7))
    recorder.typed(
        now - timedelta(seconds=50), "My IBAN is DE89 3704 0044 0532 0130 00, thanks.\n", "outlook", "Re: fees"
    )
    outcomes = recorder.send()
    assert set(outcomes) == {"stored", "paused"}
    _devices(amira, recorder.device, now)
    _looks(amira, items[Kind.SCREENSHOT], now)
    _erasures(amira, now)
    return items, clock.local_day(end, BERLIN)


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
