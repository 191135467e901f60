"""A wider policy of the place to which somebody moves holds only after they were told; less holds at once (P03)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from portal.core import clock
from tests.agents.test_moves import signs_in
from tests.collector.test_real_gateway import command, running, status
from tests.deciding.conftest import Chamber, chamber
from tests.gateway.process import Gateway, Rows, wait_until
from wire import difference, documents
from wire.policy import Audience, Policy

__all__ = ["chamber"]
LATER = (
    "UPDATE notification SET created_at = created_at - interval '25 hours' WHERE employee_id = %s AND kind = 'moved'"
)
LEASED = "SELECT count(*) FROM lease_span WHERE employee_id = %s AND policy = %s"


def published(chamber: Chamber, site: str, old: Policy, **changed: object) -> Policy:
    """A policy of this site, signed by both, in the table as the owner writes it."""
    version = chamber.value("SELECT max(version) FROM policy") + 1
    policy = difference.stated(old, replace(old, audience=Audience((site,), None, None), version=version, **changed))  # type: ignore[arg-type]
    chamber.superuser.execute(
        b"INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        [uuid4(), version, documents.document_hash(policy), chamber.organisation.policy_envelope(policy).decode(),
         clock.from_ms(policy.not_before), clock.from_ms(policy.expires)],
    )  # fmt: skip
    chamber.superuser.commit()
    return policy


def test_P03_what_is_wider_at_the_new_place_waits_until_the_person_was_told(
    chamber: Chamber, gateway: Gateway, rows: Rows, person: Callable[..., UUID], tmp_path: Path
) -> None:
    base = chamber.newest()
    more = tuple(replace(rule, retention_days=90) if rule.kind != "key" else rule for rule in base.rules)
    kept = tuple(rule for rule in more if rule.kind != "click")
    wide = published(chamber, f"Wide {uuid4()}", base, rules=kept, self_service_hours=1)
    less = published(chamber, f"Less {uuid4()}", wide, rules=kept[:1])
    sites = {one.version: (one.audience.sites or ("",))[0] for one in (wide, less)}
    hashes = {one.version: documents.document_hash(one) for one in (base, wide, less)}
    rows.notify("policy", uuid4())
    amira, device = person("Amira Kaya", site="Porto"), tmp_path / "device"
    rows.key(amira)
    fingerprint = documents.fingerprint(chamber.organisation.trust_envelope())
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", rows.code(amira), state=device)
    with running(device, "--scripted", "5", "--pace", "2"):
        wait_until(lambda: status(device).get("reason") == "recording")
        assert status(device)["policy_version"] == base.version
        signs_in(chamber.database, chamber.superuser, amira, sites[wide.version])
        # What the wider one does not permit ends at once; nothing of what it adds begins.
        narrowed = LEASED + " AND NOT permitted ? 'click'"
        wait_until(lambda: rows.one(narrowed, amira, hashes[base.version]) == 1)
        assert rows.one(LEASED, amira, hashes[wide.version]) == 0
        page = chamber.as_(amira).get("/policy").get_data(as_text=True)
        assert f"Where you work now, policy {wide.version} is for you." in page
        assert "holds for you only 24 hours after this notice" in chamber.as_(amira).get("/").get_data(as_text=True)
        rows.do(LATER, amira)
        rows.notify("device", rows.one("SELECT id FROM device WHERE employee_id = %s", amira))
        wait_until(lambda: rows.one(LEASED, amira, hashes[wide.version]) >= 1)
        wait_until(lambda: status(device).get("policy_version") == wide.version)
        assert "After your move" not in chamber.as_(amira).get("/policy").get_data(as_text=True)
        signs_in(chamber.database, chamber.superuser, amira, sites[less.version])
        wait_until(lambda: rows.one(LEASED, amira, hashes[less.version]) >= 1)
        wait_until(lambda: status(device).get("policy_version") == less.version)
