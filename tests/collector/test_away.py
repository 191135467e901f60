"""A device that was away for five versions: it takes the newest by what the gateway sends, and obeys none between."""

from dataclasses import replace
from pathlib import Path

import pytest

from collector import identity
from collector.agent import Agent, Options
from collector.state import StateDir
from gateway.permits import Published
from gateway.store import based
from tests.collector.world import NOON, World
from wire import difference, documents, precedence
from wire.policy import Policy, widens

SEQUENCES = {
    "each more": "mmmmm",
    "each less": "lllll",
    "more, then less": "mllll",
    "less, more, less": "llmll",
    "the last one more": "llllm",
    "more and less by turns": "mlmlm",
}


@pytest.fixture
def world() -> World:
    return World()


def changed(policy: Policy, step: str) -> Policy:
    """The next version: m asks for more (other words of its purpose), l for less (a kind fewer)."""
    new = replace(policy, version=policy.version + 1)
    if step == "m":
        return replace(new, purpose=replace(policy.purpose, en=f"Purpose {new.version}."))
    return replace(new, rules=policy.rules[:-1])


@pytest.mark.parametrize("steps", SEQUENCES.values(), ids=SEQUENCES)
def test_P02_a_device_away_for_five_versions_takes_the_newest_and_no_older_one(
    world: World, tmp_path: Path, steps: str
) -> None:
    agent, keys = world.agent(tmp_path), world.organisation
    agent.receive(world.message())
    policies, rows = [world.policy()], list[Published]()
    for step in steps:
        new = changed(policies[-1], step)
        new = difference.stated(*precedence.change(policies, new))
        assert widens(policies[-1], new) is (step == "m")
        policies.append(new)
    for policy in policies:
        signers = (
            [keys.officer] if policy.version > 1 and steps[policy.version - 2] == "l" else [keys.officer, keys.council]
        )
        rows.append(Published(policy, documents.document_hash(policy), documents.sign(policy, signers)))
    newest = based(rows, keys.trust_envelope())[-1]
    assert newest.policy == policies[-1]
    world.changed = {name: getattr(newest.policy, name) for name in ("version", "rules", "purpose", "difference")}
    agent.receive(world.message(policy=newest.envelope, policy_base=newest.base))
    assert agent.permission.policy == newest.policy
    assert agent.permission.scope().permitted
    again = Agent(
        StateDir(tmp_path), identity.load(StateDir(tmp_path)), world.clock, Options(local_time=lambda _: NOON)
    )
    assert again.permission.policy == newest.policy, "after a restart, too"
    for row in rows[:-1]:
        agent.receive(world.message(policy=row.envelope, policy_base=None))
        assert agent.permission.policy == newest.policy, "no way back"
        assert not agent.permission.scope().permitted, "and a refusal drops the permit"
