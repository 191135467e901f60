"""Who sits on one works council reads what another one decides, and does not say no for it (P03)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from portal.core import clock
from portal.policies.deciding import actions
from portal.policies.deciding.rules import RefusedError
from tests.councils import Councils
from tests.deciding.conftest import Chamber
from tests.deciding.test_councils import keys, submitted
from tests.deciding.test_deciding import refusal
from wire.documents import Signer

__all__ = ["keys"]
DECIDES = "The works council of Berlin decides about it."
CENTRAL = "The central works council decides about it."


@dataclass(frozen=True)
class Members:
    """Clara sits on the central council, where nobody says otherwise; Mia on München's, Bea on Berlin's and on it."""

    clara: UUID
    mia: UUID
    bea: UUID


@pytest.fixture
def members(chamber: Chamber, person: Callable[..., UUID]) -> Iterator[Members]:
    """Three members, and nobody else of a site's council."""
    made = Members(chamber.clara, person("Mia Huber"), person("Bea Lang"))
    for who, seats in ((made.mia, ["München"]), (made.bea, ["", "Berlin"])):
        chamber.superuser.execute(
            b"INSERT INTO role_grant (employee_id, role, seats) VALUES (%s, 'works_council', %s)", [who, seats]
        )
    chamber.superuser.commit()
    yield made
    chamber.superuser.rollback()
    chamber.superuser.execute(b"DELETE FROM role_grant WHERE employee_id = ANY(%s)", [[made.mia, made.bea, made.clara]])
    chamber.superuser.commit()


def says_no(chamber: Chamber, who: UUID, number: int, act: str = "reject") -> str:
    """The answer to somebody who rejects, or asks for conditions: the refusal, '' where it is done."""
    answer = chamber.as_(who).post(f"/council/policies/{number}/{act}", {"reasons": "Too wide."})
    return "" if answer.status_code == 303 else refusal(answer)


def page(chamber: Chamber, who: UUID, path: str) -> str:
    return chamber.as_(who).get(f"/council/policies{path}").get_data(as_text=True)


@pytest.mark.parametrize("act", ["reject", "conditions"])
def test_P03_a_member_of_another_council_says_no_to_nothing_of_this_one(
    chamber: Chamber, keys: Councils, members: Members, act: str
) -> None:
    berlin, everybody = submitted(chamber, "Berlin"), submitted(chamber)
    assert keys.trust().quorum == 2
    for who, number in ((members.mia, berlin), (members.clara, berlin), (members.mia, everybody)):
        assert "Another works council decides about this policy." in says_no(chamber, who, number, act)
        assert chamber.state(number) == "submitted"
        assert f'action="/council/policies/{number}/{act}"' not in page(chamber, who, f"/{number}/{act}")
    assert f'action="/council/policies/{berlin}/{act}"' in page(chamber, members.bea, f"/{berlin}/{act}")
    assert says_no(chamber, members.bea, berlin, act) == ""
    assert says_no(chamber, members.clara, everybody, act) == ""
    assert {chamber.state(berlin), chamber.state(everybody)} == {"rejected" if act == "reject" else act}
    assert "Works council of Berlin: " in chamber.as_(chamber.amira).get("/policy").get_data(as_text=True)


def test_what_is_theirs_comes_first_and_of_the_rest_is_said_who_decides(
    chamber: Chamber, keys: Councils, members: Members
) -> None:
    berlin, munich, everybody = submitted(chamber, "Berlin"), submitted(chamber, "München"), submitted(chamber)
    drawn = page(chamber, members.mia, "")
    assert "1 policy waits for a decision." in drawn
    order = [drawn.index(f'id="draft-{number}"') for number in (munich, berlin, everybody)]
    assert order == sorted(order)
    head = drawn.index("Other councils decide about these")
    assert order[0] < head < order[1]
    assert drawn.index(DECIDES) > head
    assert drawn.index(CENTRAL) > head
    for number in (berlin, everybody):
        assert f"/council/policies/{number}/reject" not in drawn
        assert f"/council/policies/{number}/sign" not in drawn
    assert f"/council/policies/{munich}/reject" in drawn
    one = page(chamber, members.mia, f"/{berlin}")
    assert DECIDES in one
    assert f"/council/policies/{berlin}/reject" not in one
    assert keys.trust().quorum == 2


def test_a_signature_counts_by_its_key_whoever_hands_it_in(chamber: Chamber, keys: Councils, members: Members) -> None:
    number = submitted(chamber, "Berlin")
    for key in keys.berlin:
        envelope: dict[str, object] = {"envelope": chamber.envelope(number, key)}
        assert chamber.as_(members.mia).post(f"/council/policies/{number}/sign", envelope).status_code == 303
    assert chamber.officer_signs(number).status_code == 303
    assert chamber.published(number)
    assert chamber.value("SELECT DISTINCT council FROM policy_decision WHERE signer = 'council'") == "Berlin"


def test_without_anybody_seated_at_the_site_each_member_may_say_no_as_before(chamber: Chamber, keys: Councils) -> None:
    """An installation whose groups name no site goes on as it was, also where the trust document knows sites."""
    number = submitted(chamber, "Berlin")
    drawn = page(chamber, chamber.clara, "")
    assert f"/council/policies/{number}/reject" in drawn
    assert "decides about it" not in drawn
    assert says_no(chamber, chamber.clara, number) == ""
    assert keys.trust().quorum == 2


def test_P03_without_councils_of_sites_the_central_one_decides_also_about_a_site(
    chamber: Chamber, members: Members
) -> None:
    number = submitted(chamber, "München")
    assert "Another works council" in says_no(chamber, members.mia, number)
    assert says_no(chamber, members.clara, number) == ""


def test_P03_the_database_refuses_what_the_action_would_let_through(
    chamber: Chamber, keys: Councils, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(chamber, "Berlin")
    draft = UUID(str(chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)))
    hand = actions.Hand(members.mia, Signer.COUNCIL, clock.now())
    with (
        pytest.raises(RefusedError, match="other_seat"),
        chamber.database.transaction("web_council", members.mia) as session,
    ):
        actions.reject(session, hand, draft, "Too wide.", "")
    monkeypatch.setattr(actions, "_speaks", lambda *_: None)
    for act in (actions.reject, actions.ask_for_conditions):
        with (
            pytest.raises(ProgrammingError) as refused,
            chamber.database.transaction("web_council", members.mia) as session,
        ):
            act(session, hand, draft, "Too wide.", "")
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
    closing = "UPDATE policy_draft SET state = '{}', closed_at = now() WHERE id = %(draft)s"
    for who, state in ((members.mia, "rejected"), (members.bea, "withdrawn")):
        with (
            pytest.raises(ProgrammingError, match="another council decides"),
            chamber.database.transaction("web_council", who) as session,
        ):
            session.connection().exec_driver_sql(closing.format(state), {"draft": draft})
    assert chamber.state(number) == "submitted"
    assert keys.trust().quorum == 2
    with chamber.database.transaction("web_council", members.bea) as session:
        hers = actions.Hand(members.bea, Signer.COUNCIL, clock.now())
        actions.reject(session, hers, draft, "Too wide.", "")
    assert chamber.state(number) == "rejected"
