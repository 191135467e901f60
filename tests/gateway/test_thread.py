"""The thin thread: enrol, connect, get a lease, upload, pause, be refused, resume."""

import asyncio
from uuid import UUID

from tests.cast import Organisation
from tests.gateway.agent import Agent
from tests.gateway.process import Rows
from wire import documents
from wire.documents import Directive, KeyDocument, Lease, ReportKind, Signer
from wire.policy import accept


def test_P06_an_honest_device_from_lease_to_pause_and_back(
    agent: Agent, rows: Rows, organisation: Organisation
) -> None:
    asyncio.run(_from_lease_to_pause_and_back(agent, rows, organisation))


async def _from_lease_to_pause_and_back(agent: Agent, rows: Rows, organisation: Organisation) -> None:
    lease_keys = organisation.trust().keys_of(Signer.LEASE)
    async with agent.connected() as line:
        first, _ = documents.open_signed(Lease, agent.files["lease"], lease_keys)
        assert first.devices == (agent.device,)
        assert first.ttl_s == 120
        documents.open_signed(Directive, agent.files["directive"], lease_keys)
        key, _ = documents.open_signed(KeyDocument, agent.files["key"], organisation.trust().keys_of(Signer.VAULT))
        assert first.key == key.id
        policy = accept(agent.files["policy"], organisation.trust(), None, first.issued)
        assert first.policy == documents.document_hash(policy)
        assert agent.outcome(agent.segment()) == ["stored"]
        assert rows.one("SELECT valid_until FROM lease_span WHERE id = %s", first.id)

        pause: UUID = rows.pause(agent.employee)
        await line.until(lambda: agent.directive.number == 1)
        assert [span.pause for span in agent.directive.pauses] == [pause]
        assert agent.permitted == {}
        await line.report(ReportKind.STOPPED)
        assert rows.all("SELECT what, directive FROM device_report WHERE device_id = %s", agent.device) == [
            ("stopped", 1)
        ]
        await line.until(lambda: "lease" in agent.files)
        assert (agent.lease.permitted, agent.lease.directive) == ({}, 1)
        assert agent.outcome(agent.segment(lease=first.id, policy=first.policy)) == ["paused"]

        rows.resume(agent.employee, pause)
        await line.until(lambda: agent.directive.number == 2)
        assert agent.lease.permitted == first.permitted
        assert agent.outcome(agent.segment()) == ["stored"]
    assert rows.one("SELECT count(*) FROM segment WHERE employee_id = %s", agent.employee) == 2
    assert rows.one("SELECT sum(items) FROM employee_day WHERE employee_id = %s", agent.employee) == 2
