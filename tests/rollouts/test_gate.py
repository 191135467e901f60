"""The gate of a rollout: chosen in the form beside the rings, read by the signers, frozen with the draft (P03)."""

import dataclasses

import psycopg
import pytest

from portal.core.config import Settings
from portal.policies.drafts import actions as drafting
from portal.policies.drafts.rules import whole_minutes
from tests.deciding.conftest import Chamber
from tests.rollouts.conftest import publish
from tests.rollouts.test_pages import refused


def test_P03_the_gate_is_chosen_with_the_rings_and_frozen(hasty: Chamber, settings: Settings) -> None:
    omar = hasty.as_(hasty.omar)
    with hasty.database.transaction("web_officer", hasty.omar) as session:
        wider = dataclasses.replace(whole_minutes(hasty.newest()), self_service_hours=1)
        made = drafting.create(session, hasty.omar, "More", wider)
    path = f"/officer/policies/{made}"
    page = omar.get(path).text
    assert 'name="most_failed"' in page
    form: dict[str, object] = {"seen": "1", "rings": "10, 100", "most_failed": "60", "least_applied": "90"}
    refused_ = omar.post(f"{path}/submit", form)
    assert refused_.status_code == 422
    assert "Refusals that halt it: A whole percentage from 0 to 50" in refused_.text
    assert 'value="60"' in refused_.text, "what was typed is still there"
    assert omar.post(f"{path}/submit", form | {"most_failed": "2"}).status_code == 303
    number = hasty.value("SELECT number FROM policy_draft WHERE id = %s", made)
    said = "It halts when more than 2 percent of the devices refuse it, and goes on when at least 90 percent obey it."
    for who, address in ((hasty.omar, path), (hasty.clara, f"/council/policies/{number}")):
        assert said in hasty.as_(who).get(address).text
    with pytest.raises(psycopg.Error, match="does not change"):
        hasty.superuser.execute("UPDATE policy_draft SET most_failed = 50 WHERE id = %s", [made])
    hasty.superuser.rollback()
    publish(hasty, number)
    gate = (
        "SELECT ARRAY[most_failed, least_applied] FROM rollout"
        " WHERE policy_id = (SELECT id FROM policy WHERE version = %s)"
    )
    assert hasty.value(gate, hasty.document(number).version) == [2, 90]
    refused(settings, "web_officer", "UPDATE rollout SET most_failed = 100", "permission denied")
