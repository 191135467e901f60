"""People who sign in with the real sign-in, and what the database holds about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Page, StorageState
from psycopg.types.json import Jsonb

from portal.core import clock
from tests.browser.captured import Recorder
from tests.browser.installation import HISTORY, Installation
from tests.daytime import afternoon
from tests.gateway.process import Rows
from wire import documents, dsse
from wire.documents import KeyDocument

LONG = timedelta(days=1)


@dataclass
class Someone:
    """A person who is signed in; `state`: the browser's cookies just after."""

    installed: Installation
    browser: Browser
    id: UUID
    subject: str
    state: StorageState
    recorder: Recorder | None = field(default=None)

    @property
    def rows(self) -> Rows:
        """Rows about this person, by a superuser's hand."""
        return Rows(self.installed.superuser, self.installed.organisation)

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(str(self.rows.one("SELECT timezone FROM employee WHERE id = %s", self.id)))

    @contextmanager
    def context(self, **options: Any) -> Iterator[BrowserContext]:
        """A browser of this person; closed at the end."""
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        context = self.browser.new_context(storage_state=self.state, base_url=self.installed.base, **options)
        context.set_default_timeout(20_000)
        try:
            yield context
        finally:
            context.close()

    @contextmanager
    def page(self, path: str = "/", **options: Any) -> Iterator[Page]:
        """A page of this person at `path`."""
        with self.context(**options) as context:
            page = context.new_page()
            page.goto(path)
            yield page

    def device(self, name: str = "ThinkPad T14", **columns: Any) -> UUID:
        """A collector of this person that was added a month ago."""
        device = uuid4()
        values: dict[str, Any] = {"id": device, "employee_id": self.id, "kind": "collector", "name": name}
        values |= {"platform": "Debian 13, X11", "added_at": clock.now() - timedelta(days=30)}
        values |= {"last_seen_at": clock.now(), "public_key": device.bytes * 2} | columns
        self._insert("device", values)
        return device

    def lease(self, *devices: UUID, until: datetime | None = None) -> UUID:
        """A lease of these devices over everything the policy allows, a day into the future unless told otherwise."""
        lease = uuid4()
        policy = self.installed.policy
        values = {"id": lease, "employee_id": self.id, "devices": list(devices), "directive": 0}
        values |= {"policy": documents.document_hash(policy), "key_id": self.key().id}
        values |= {"permitted": Jsonb({kind.value: list(names) for kind, names in policy.permitted().items()})}
        values |= {"started_at": clock.now() - HISTORY, "valid_until": until or clock.now() + LONG}
        self._insert("lease_span", values)
        return lease

    def records(self, name: str = "ThinkPad T14") -> Recorder:
        """A device with a lease, ready to capture."""
        device = self.device(name)
        key = self.key()
        self.recorder = Recorder(self.installed, self.id, device, self.lease(device), key.id, key.public_key)
        return self.recorder

    def key(self) -> KeyDocument:
        """The person's key, which the vault made at sign-in."""
        found = self.rows.one("SELECT document FROM employee_key WHERE employee_id = %s", self.id)
        return documents.read(KeyDocument, dsse.payload_of(found.encode()))

    def pause(self, **columns: Any) -> UUID:
        """A pause from now on, or as the columns say."""
        return self.rows.pause(self.id, **columns)

    def insert(self, table: str, **values: Any) -> UUID:
        """A row with a new id about this person."""
        row = {"id": uuid4(), "employee_id": self.id} | values
        self._insert(table, row)
        return UUID(str(row["id"]))

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        names, slots = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.installed.superuser.execute(f"INSERT INTO {table} ({names}) VALUES ({slots})".encode(), values)
        self.installed.superuser.commit()


def sign_in(browser: Browser, installed: Installation, name: str = "Amira Kaya", **claims: Any) -> Someone:
    """Somebody new, signed in through the identity provider, for whom it is early afternoon."""
    subject = f"{name.split(maxsplit=1)[0].lower()}-{uuid4()}"
    installed.provider.add(subject, name=name, **claims)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{installed.base}/sign-in")
    assert page.url in {f"{installed.base}/", f"{installed.base}/expert"}, page.url
    state = context.storage_state()
    context.close()
    row = installed.superuser.execute(
        "UPDATE employee SET timezone = %s WHERE subject = %s RETURNING id", [afternoon().key, subject]
    ).fetchone()
    installed.superuser.commit()
    assert row
    return Someone(installed, browser, UUID(str(row[0])), subject, state)


def stay_fresh(*people: Someone) -> None:
    """They signed in just now, for two hours: pages that ask for a fresh sign-in are shown, not the way to it."""
    for one in people:
        one.rows.do("UPDATE login_session SET auth_time = now() + interval '2 hours' WHERE employee_id = %s", one.id)
