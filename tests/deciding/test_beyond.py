"""What the central council permits at a site beyond what the site's own council has is said to all whom it concerns."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.policies import rules
from portal.policies.deciding.beyond import beyond
from portal.policies.queries import Offered
from portal.policies.rules import Workplace
from tests.councils import Councils, at
from tests.deciding.conftest import Chamber
from tests.deciding.test_councils import keys, submitted
from tests.deciding.test_seats import members, says_no
from wire import documents
from wire.documents import Kind
from wire.policy import Audience, Policy

__all__ = ["keys", "members"]
SAYS = "permits more at München than the works council there has permitted."
DAY = 86_400_000


def without_keys(policy: Policy, **changed: object) -> Policy:
    """The policy without keys typed."""
    kept = tuple(rule for rule in policy.rules if rule.kind is not Kind.KEY)
    return replace(policy, rules=kept, **changed)  # type: ignore[arg-type]


@pytest.fixture
def councils() -> Councils:
    return Councils()


def test_P03_what_goes_beyond_a_sites_own_policy_is_named_line_by_line(councils: Councils) -> None:
    everybody = replace(councils.policy(), version=3)
    own = at(without_keys(councils.policy()), "München", version=2)
    (berlin, munich) = beyond(everybody, [own], councils.trust())
    assert (berlin.site, berlin.own, berlin.until) == ("Berlin", None, None)
    assert (munich.site, munich.own, munich.until, munich.first) == ("München", own, own.expires, False)
    assert [(line.code, line.parameters["kind"]) for line in munich.lines] == [("rule.added", "key")]


def test_nothing_is_said_where_the_sites_council_has_permitted_it_or_nothing_is_permitted(councils: Councils) -> None:
    policy, trust = replace(councils.policy(), version=3), councils.trust()
    own = [at(councils.policy(), site, version=2) for site in ("Berlin", "München")]
    assert beyond(policy, own, trust) == []
    assert beyond(without_keys(policy), own, trust) == []
    assert beyond(replace(policy, rules=()), [], trust) == []
    assert beyond(at(policy, "München"), [], trust) == [], "its own council decides"
    assert beyond(at(policy, "Lisbon", "Porto"), [], trust) == [], "no council of their own"
    assert beyond(policy, [], type(councils).__mro__[1]().trust()) == [], "no council of a site at all"
    assert [one.site for one in beyond(at(policy, "München", "Porto"), own[:1], trust)] == ["München"]


def test_a_later_end_goes_beyond_too(councils: Councils) -> None:
    policy = councils.policy()
    own = at(policy, "München", version=2, expires=policy.expires - DAY)
    over = at(policy, "München", version=2, expires=policy.not_before + DAY)
    found = beyond(replace(policy, version=3), [own], councils.trust())[1]
    assert [line.code for line in found.lines] == ["expires.later"]
    after = beyond(replace(policy, version=3, not_before=over.expires), [over], councils.trust())[1]
    assert (after.own, after.until) == (over, None)


def test_the_sites_own_policy_goes_on_winning_and_where_it_does_not_that_is_said(councils: Councils) -> None:
    """Of two that hold for a person the one with more axes wins: the site's before everybody's, not before two axes."""
    policy = councils.policy()
    own = at(without_keys(policy), "München", version=2)
    everybody = replace(policy, version=3)
    closer = replace(policy, version=4, audience=Audience(None, ("R&D",), ("DE",)))
    person, now = Workplace("München", "R&D", "DE"), policy.not_before + DAY

    def holds(*several: Policy) -> int:
        offered = [Offered(one, documents.document_hash(one), 100) for one in several]
        found = rules.in_force(offered, person, uuid4(), now)
        assert found
        return found.policy.version

    assert holds(own, everybody) == 2
    assert holds(own, everybody, closer) == 4
    assert not beyond(everybody, [own], councils.trust())[1].first
    assert beyond(closer, [own, everybody], councils.trust())[1].first


def published(chamber: Chamber, keys: Councils, number: int, *sites: str) -> None:
    """Signed by officer and the council that decides."""
    assert chamber.officer_signs(number).status_code == 303
    for key in keys.decides(sites or None):
        assert chamber.council_signs(number, chamber.envelope(number, key)).status_code == 303
    assert chamber.published(number)


def test_a_refusal_of_the_site_is_named_to_officer_councils_and_the_people_there(
    chamber: Chamber, keys: Councils, members: object
) -> None:
    mia: UUID = members.mia  # type: ignore[attr-defined]
    refused = submitted(chamber, "München")
    assert says_no(chamber, mia, refused) == ""
    chamber.superuser.execute(
        b"UPDATE employee SET site = CASE id WHEN %s THEN %s ELSE 'Berlin' END WHERE id = ANY(%s)",
        [chamber.amira, "München", [chamber.amira, chamber.omar]],
    )
    chamber.superuser.commit()
    version = chamber.document(refused).version
    number = submitted(chamber)
    draft = chamber.value("SELECT id FROM policy_draft WHERE number = %s", number)
    said = f"Its last decision: rejected, policy {version} “A change”, "
    pages = {
        chamber.omar: (f"/officer/policies/{draft}", f"/officer/signing/{number}"),
        chamber.clara: (f"/council/policies/{number}", f"/council/policies/{number}/sign"),
        mia: (f"/council/policies/{number}",),
    }
    for who, paths in pages.items():
        for path in paths:
            drawn = chamber.as_(who).get(path).get_data(as_text=True)
            assert SAYS in drawn, path
            assert said in drawn, path
            assert "permits more at Berlin" in drawn, path
            assert "It has decided about no policy so far." in drawn, path
    assert "It permits more at München" in chamber.as_(chamber.clara).get("/council/policies").get_data(as_text=True)
    published(chamber, keys, number)
    amira = chamber.as_(chamber.amira).get("/policy").get_data(as_text=True)
    assert SAYS in amira
    assert said in amira
    assert "permits more at Berlin" not in amira, "only of the own site"
    omar = chamber.as_(chamber.omar).get("/policy").get_data(as_text=True)
    assert "permits more at Berlin" in omar
    assert SAYS not in omar


def test_where_no_site_has_a_council_nothing_is_said(chamber: Chamber) -> None:
    number = submitted(chamber)
    drawn = chamber.as_(chamber.clara).get(f"/council/policies/{number}").get_data(as_text=True)
    assert "than the works council there has permitted" not in drawn
    assert "than the works council there" not in chamber.as_(chamber.amira).get("/policy").get_data(as_text=True)


def test_the_sites_own_policy_is_named_with_its_end(chamber: Chamber, keys: Councils) -> None:
    own = submitted(chamber, "München")
    published(chamber, keys, own, "München")
    number = chamber.submit(timedelta(days=7), self_service_hours=0)
    drawn = chamber.as_(chamber.clara).get(f"/council/policies/{number}").get_data(as_text=True)
    assert SAYS in drawn
    assert f"Policy {chamber.document(own).version} of the site goes on holding there, and not this one, until" in drawn
    assert "Its last decision: approved" in drawn
