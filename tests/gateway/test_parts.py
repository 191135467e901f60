"""The gateway's small parts on their own: rates, nonces, batches, and what one person's devices are told."""

import asyncio
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import permits
from gateway.auth import WINDOW_MS, Nonces
from gateway.batches import Batcher, OverloadedError
from gateway.limits import Rate
from gateway.permits import Facts, Key, Permit, Published
from portal.pauses.rules import Pause
from portal.policies.rules import Workplace
from tests.cast import Organisation, pem
from tests.gateway.process import Gateway
from wire.documents import Kind

EMPLOYEE, DEVICE, OTHER, KEY = (UUID(int=n) for n in range(1, 5))
NOW = 1_780_000_000_000


@given(st.lists(st.floats(0, 1), max_size=200), st.integers(1, 20), st.integers(1, 50))
def test_R04_nobody_gets_more_than_burst_and_rate(steps: list[float], per_second: int, burst: int) -> None:
    rate, now, taken = Rate(per_second, burst), 0.0, 0
    for step in steps:
        now += step
        taken += rate.take("device", now)
        assert taken <= burst + per_second * now + 1e-6


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3 * WINDOW_MS)), max_size=60))
def test_P09_a_nonce_works_once_in_its_window(uses: list[tuple[int, int]]) -> None:
    nonces, seen = Nonces(0), set()
    for nonce, now in sorted(uses, key=lambda use: use[1]):
        signed_at = nonce * WINDOW_MS // 2
        if abs(signed_at - now) <= WINDOW_MS:
            assert nonces.use(DEVICE, bytes([nonce]), signed_at, now) == (nonce not in seen)
            seen.add(nonce)


def test_P09_what_was_signed_before_the_start_counts_as_used() -> None:
    assert not Nonces(NOW).use(DEVICE, b"n", NOW - 1, NOW + 1)


def test_R04_a_full_queue_takes_nothing() -> None:
    async def fill() -> None:
        gate = asyncio.Event()

        async def work(items: list[int]) -> list[int]:
            await gate.wait()
            return items

        batcher: Batcher[int, int] = Batcher("test", work, limit=1, capacity=3)
        waiting = [asyncio.create_task(batcher.submit(number)) for number in range(4)]
        gate.set()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert done[:3] == [0, 1, 2]
        assert isinstance(done[3], OverloadedError)
        await batcher.close()

    asyncio.run(fill())


@pytest.fixture(scope="module")
def published() -> Published:
    policy = Organisation(issued=NOW).policy()
    return Published(policy, "ab" * 32, b"{}")


def facts(*pauses: Pause, left: bool = False, key: Key | None = None) -> Facts:
    chosen = Key(KEY, b"{}") if key is None else key
    return Facts(EMPLOYEE, Workplace(None, None, None), left, (), 1, pauses, chosen, frozenset({DEVICE, OTHER}))


def test_P06_one_lease_for_all_devices_that_pauses_leave_the_same(published: Published) -> None:
    (permit,) = permits.permits(facts(), published, [], NOW)
    assert permit.devices == {DEVICE, OTHER}
    here = Pause(uuid4(), 1, NOW, None, device=DEVICE)
    by_device = {frozenset(one.devices): one for one in permits.permits(facts(here), published, [permit], NOW)}
    assert by_device[frozenset({DEVICE})].permitted == {}
    assert by_device[frozenset({OTHER})].permitted == permit.permitted


def test_P06_a_lease_keeps_its_id_only_while_it_says_the_same(published: Published) -> None:
    (first,) = permits.permits(facts(), published, [], NOW)
    (renewed,) = permits.permits(facts(), published, [first], NOW + 40_000)
    assert (renewed.id, renewed.started) == (first.id, NOW)
    assert renewed.until == NOW + 160_000
    (late,) = permits.permits(facts(), published, [first], NOW + 120_001)
    assert late.id != first.id
    (narrower,) = permits.permits(
        facts(Pause(uuid4(), 1, NOW, None, kinds=frozenset({Kind.KEY}))), published, [first], NOW + 40_000
    )
    assert narrower.id != first.id
    assert Kind.KEY not in narrower.permitted


def test_P06_no_lease_for_who_left_or_without_a_policy(published: Published) -> None:
    assert permits.permits(facts(left=True), published, [], NOW) == []
    assert permits.permits(facts(), None, [], NOW) == []


@given(st.integers(0, 300_000))
def test_P06_a_lease_never_outlives_what_is_remembered(later: int) -> None:
    policy = Published(Organisation(issued=NOW).policy(), "ab" * 32, b"{}")
    held: list[Permit] = permits.permits(facts(), policy, [], NOW)
    (permit,) = permits.permits(facts(), policy, held, NOW + later)
    lease = permits.lease(permit, NOW + later)
    assert permit.started <= lease.issued
    assert lease.issued + lease.ttl_s * 1000 <= permit.until


def test_a_lease_key_that_devices_do_not_trust_is_logged(environment: dict[str, str]) -> None:
    with Gateway(environment, PORTAL_LEASE_KEY=pem(Organisation().lease)) as own:
        assert "lease_key_not_trusted" in own.stop()
