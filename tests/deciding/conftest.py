"""Omar writes, Clara and Carl of the council decide, Amira is captured; every signer has a key of their own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import Database
from portal.policies.drafts import actions as drafting
from portal.policies.drafts import queries as drafts
from portal.policies.drafts.actions import Seen
from portal.policies.drafts.rules import whole_minutes
from portal.policies.queries import every_policy
from portal.policies.rules import AT_ONCE
from tests.cast import Organisation
from tests.policies import leftovers
from tests.signing.conftest import chromium, opened
from tests.web_client import Browser
from wire import documents
from wire.policy import Policy

__all__ = ["chamber", "chromium", "opened", "withheld"]
Superuser = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Chamber:
    """The desks of officer and council."""

    database: Database
    superuser: Superuser
    organisation: Organisation
    browse: Callable[[UUID | None], Browser]
    amira: UUID
    omar: UUID
    clara: UUID
    browsers: dict[UUID, Browser] = field(default_factory=dict)

    def as_(self, who: UUID) -> Browser:
        """A browser signed in as somebody, kept for the test."""
        if who not in self.browsers:
            self.browsers[who] = self.browse(who)
        return self.browsers[who]

    def newest(self) -> Policy:
        """The newest published policy for everybody."""
        with self.database.transaction("web_officer", self.omar) as session:
            return [one for one in every_policy(session) if one.audience == self.organisation.policy().audience][-1]

    def submit(self, begins: timedelta | None = None, rings: Sequence[int] = AT_ONCE, **changed: Any) -> int:
        """A draft with these changes to the newest policy, submitted; its number. `begins`: from now, None at once."""
        moment = clock.now()
        draft = whole_minutes(replace(self.newest(), **changed))
        if begins is not None:
            draft = replace(draft, not_before=clock.to_ms(moment + begins))
        with self.database.transaction("web_officer", self.omar) as session:
            made = drafting.create(session, self.omar, "A change", draft)
            drafting.submit(session, Seen(self.omar, moment, made, 1), rings=rings)
            row = drafts.draft(session, made)
            assert row
            return row.number

    def document(self, number: int) -> Policy:
        """The document of a draft."""
        return drafts.policy_of(str(self.value("SELECT content FROM policy_draft WHERE number = %s", number)))

    def envelope(self, number: int, *keys: Ed25519PrivateKey) -> str:
        """A signature over the draft's document."""
        return documents.sign(self.document(number), keys).decode()

    def officer_signs(self, number: int, envelope: str | None = None, **fields: Any) -> TestResponse:
        """Omar hands in his signature."""
        envelope = self.envelope(number, self.organisation.officer) if envelope is None else envelope
        return self.as_(self.omar).post(f"/officer/signing/{number}", {"envelope": envelope} | fields)

    def council_signs(self, number: int, envelope: str | None = None, **fields: Any) -> TestResponse:
        """Clara hands in hers."""
        envelope = self.envelope(number, self.organisation.council) if envelope is None else envelope
        return self.as_(self.clara).post(f"/council/policies/{number}/sign", {"envelope": envelope} | fields)

    def state(self, number: int) -> str:
        """What became of the draft."""
        return str(self.value("SELECT state FROM policy_draft WHERE number = %s", number))

    def value(self, statement: str, *values: Any) -> Any:
        """The one value that a statement finds."""
        found = self.superuser.execute(statement.encode(), values).fetchone()
        self.superuser.rollback()
        assert found
        return found[0]

    def published(self, number: int) -> bool:
        """Whether the document of this draft is among the published policies."""
        return bool(
            self.value("SELECT count(*) FROM policy WHERE hash = %s", documents.document_hash(self.document(number)))
        )


@pytest.fixture
def chamber(
    database: Database,
    superuser: Superuser,
    organisation: Organisation,
    person: Callable[..., UUID],
    browse: Callable[[UUID | None], Browser],
) -> Iterator[Chamber]:
    """The two desks. What a test publishes or leaves open is gone after it, so that no other test obeys it."""
    leftovers.forget(superuser)
    amira, omar, clara = person("Amira Kaya"), person("Omar Haddad"), person("Clara Voss")
    for who, role in ((omar, "privacy_officer"), (clara, "works_council")):
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [who, role])
    superuser.commit()
    yield Chamber(database, superuser, organisation, browse, amira, omar, clara)
    leftovers.forget(superuser)
    superuser.execute("DELETE FROM agreement_clause")
    superuser.commit()


@pytest.fixture
def withheld(chamber: Chamber) -> int:
    """A widening that waits for its signatures."""
    return chamber.submit(timedelta(days=7), self_service_hours=1)
