"""What may be captured when: fake clocks, every instant, every broken document (P01, P02, P04, P05)."""

import base64
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from collector.permission import Permission, Reason, Scope
from collector.timekeeping import LATE_MS
from tests.collector.world import BOOT, START, World, without
from tests.gateway.process import ROOT
from wire import canonical, documents, dsse
from wire.documents import Directive, Kind, Stop
from wire.policy import Hours, Rule
from wire.servertime import ServerTime

HOUR = 3_600_000


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def permission(world: World) -> Permission:
    """A device that may record."""
    fresh = world.permission()
    assert fresh.take(world.files()) == ()
    assert fresh.scope().reason is Reason.RECORDING
    return fresh


def test_P04_nothing_is_permitted_before_everything_has_arrived(world: World) -> None:
    for missing in ("policy", "key", "lease"):
        fresh = world.permission()
        fresh.take(without(world.files(), missing))
        assert fresh.scope().permitted == {}, missing


@pytest.mark.parametrize("cut", range(200))
def test_P04_capture_stops_within_the_lease_after_a_cut_at_any_instant(world: World, cut: int) -> None:
    draw = random.Random(cut)  # noqa: S311 - a repeatable test
    permission, ttl = world.permission(), draw.choice((1, 30, 120, 600))
    world.changed = {"lease_ttl_s": ttl}
    cut_at, renewal, received = draw.randrange(1, 3 * ttl * 1000), ttl * 1000 // 3, 0
    for at in range(0, cut_at, renewal):
        world.clock.boot = BOOT + at
        files = world.files(lease=documents.sign(world.lease(ttl_s=ttl), [world.organisation.lease]))
        world.clock.pass_time(draw.randrange(renewal // 2))
        assert permission.take(files) == ()
        received = world.clock.boot
        assert permission.scope().permitted
    for _ in range(50):
        world.clock.pass_time(draw.randrange(1, ttl * 50))
        if permission.scope().permitted:
            assert world.clock.boot < received + ttl * 1000
    world.clock.boot = received + ttl * 1000
    assert permission.scope().reason is Reason.PERMIT_OVER


def test_P04_a_lease_ends_by_the_policy_too(world: World) -> None:
    world.changed = {"lease_ttl_s": 10}
    permission = world.permission()
    permission.take(world.files(lease=documents.sign(world.lease(ttl_s=600), [world.organisation.lease])))
    world.clock.pass_time(9_999)
    assert permission.scope().permitted
    world.clock.pass_time(1)
    assert not permission.scope().permitted


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 25 * HOUR, -400 * 24 * HOUR])
def test_P05_a_jump_of_the_wall_clock_changes_nothing(world: World, permission: Permission, jump: int) -> None:
    world.clock.wall += jump
    world.clock.pass_time(119_999)
    assert permission.scope().permitted
    world.clock.pass_time(1)
    assert not permission.scope().permitted


def test_P05_suspend_counts(world: World, permission: Permission) -> None:
    world.clock.pass_time(HOUR)
    assert permission.scope().reason is Reason.PERMIT_OVER


def test_P05_a_boot_clock_that_runs_backwards_ends_the_lease(world: World, permission: Permission) -> None:
    world.clock.boot -= 1
    assert not permission.scope().permitted


def test_P05_after_a_reboot_or_restart_there_is_no_lease(world: World, permission: Permission) -> None:
    world.clock.name, world.clock.boot = "second boot", 10
    assert not permission.scope().permitted
    restarted = world.permission()
    restarted.restore(world.files())
    assert restarted.lease is None
    assert not restarted.scope().permitted


def test_P05_an_old_lease_is_not_younger_for_being_received_again(world: World, permission: Permission) -> None:
    files = world.files()
    world.clock.pass_time(119_000)
    assert permission.take(files) == ("lease",) or not permission.scope().permitted or world.now() < START + 120_000
    world.clock.pass_time(1_000)
    permission.take(files)
    assert not permission.scope().permitted


def test_P05_a_lease_from_before_a_restart_is_worth_no_more_after_it(world: World, permission: Permission) -> None:
    files, seen = world.files(), permission.time.seen
    world.clock.pass_time(HOUR)
    same_boot = world.permission()
    same_boot.time.seen = seen
    same_boot.take(files)
    assert not same_boot.scope().permitted
    permission.take(world.files())
    world.clock.name, world.clock.boot = "second boot", 5_000_000 + HOUR + 60_000
    rebooted = world.permission()
    rebooted.time.seen = permission.time.seen
    assert "lease" in rebooted.take(files)
    assert not rebooted.scope().permitted


def test_P05_a_copied_state_directory_brings_no_lease(world: World, permission: Permission) -> None:
    assert permission.lease is not None
    clone = world.permission()
    clone.time.seen = permission.time.seen
    assert clone.restore(world.files()) == ()
    assert clone.scope().reason is Reason.NO_PERMIT


FAKED = """
import select, sys, time
from pathlib import Path
from collector.clock import SystemClock
from tests.collector.world import World
class Real(World):
    def now(self): return 1_800_000_000_000 + self.clock.boot_ms() - begun
clock = SystemClock(); begun = clock.boot_ms()
world = Real(clock=clock); world.changed = {"lease_ttl_s": 2}
from wire import documents
permission = world.permission()
permission.take(world.files(lease=documents.sign(world.lease(ttl_s=2), [world.organisation.lease])))
wall = time.time()
seen = []
for step in range(30):
    if step == 5: Path(sys.argv[1]).write_text(sys.argv[2])
    seen.append((clock.boot_ms() - begun, bool(permission.scope().permitted)))
    select.select([], [], [], 0.1)
assert abs(time.time() - wall) > 3000, "the wall clock did not jump"
assert all(permitted == (at < 2000) for at, permitted in seen if abs(at - 2000) > 50), seen
"""


@pytest.mark.parametrize("jump", ["+3600", "-3600"])
def test_P05_the_real_boot_clock_does_not_follow_a_faked_wall_clock(tmp_path: Path, jump: str) -> None:
    moment = tmp_path / "moment"
    moment.write_text("+0")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    faked = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(moment), "FAKETIME_NO_CACHE": "1"}
    environment = dict(os.environ) | faked | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FAKED, str(moment), jump],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def stripped(envelope: bytes) -> bytes:
    value = canonical.decode(envelope)
    return canonical.encode(value | {"signatures": []})


def doubled(envelope: bytes) -> bytes:
    value = canonical.decode(envelope)
    return canonical.encode(value | {"signatures": value["signatures"][:1] * 2})


def flipped(envelope: bytes) -> bytes:
    value = canonical.decode(envelope)
    payload = bytearray(base64.b64decode(value["payload"]))
    payload[len(payload) // 2] ^= 1
    return canonical.encode(value | {"payload": base64.b64encode(bytes(payload)).decode()})


def retyped(envelope: bytes) -> bytes:
    return canonical.encode(canonical.decode(envelope) | {"payloadType": "application/json"})


def foreign(envelope: bytes) -> bytes:
    stranger, value = World().organisation, canonical.decode(envelope)
    return dsse.sign(value["payloadType"], base64.b64decode(value["payload"]), [stranger.officer, stranger.lease])


MUTATIONS: tuple[Callable[[bytes], bytes], ...] = (
    stripped,
    doubled,
    flipped,
    retyped,
    foreign,
    lambda data: data[:-1],
    lambda data: data + b" ",
    lambda _: b"",
    lambda _: b"{}",
)


@pytest.mark.parametrize("name", ["policy", "key", "directive", "lease", "stop"])
@pytest.mark.parametrize("mutate", MUTATIONS)
def test_P01_a_broken_document_is_refused_and_drops_the_lease(
    world: World, permission: Permission, name: str, mutate: Callable[[bytes], bytes]
) -> None:
    before = (permission.policy, permission.key, permission.directive)
    world.clock.pass_time(1_000)
    stop = documents.sign(Stop(uuid4(), 1, world.now(), None), [world.organisation.lease])
    files = world.files() | ({"stop": stop} if name == "stop" else {})
    refused = permission.take(files | {name: mutate(files[name])})
    assert name in refused
    assert (permission.policy, permission.key) == before[:2]
    assert permission.lease is None
    assert not permission.scope().permitted
    assert permission.take(world.files()) == ()
    assert permission.scope().permitted, "a good configuration sets it right again"


@pytest.mark.parametrize("name", ["policy", "key", "directive"])
@pytest.mark.parametrize("mutate", MUTATIONS)
def test_P01_what_is_read_back_from_disk_is_verified_again(
    world: World, name: str, mutate: Callable[[bytes], bytes]
) -> None:
    files, fresh = without(world.files(), "lease"), world.permission()
    assert name in fresh.restore(files | {name: mutate(files[name])})
    assert {"policy": fresh.policy, "key": fresh.key, "directive": fresh.directive}[name] is None


def test_P01_a_document_of_another_type_is_refused(world: World, permission: Permission) -> None:
    files = world.files()
    for name in files:
        for other in set(files) - {name}:
            assert name in permission.take(files | {name: files[other]}), (name, other)
            assert not permission.scope().permitted


def attacks() -> dict[str, Callable[[World], dict[str, bytes | None]]]:
    """TUF's table (theupdateframework.io, section 1.5.2), as far as it concerns one device."""

    def signed(world: World, document: documents.Document, who: str = "lease") -> bytes:
        return documents.sign(document, [getattr(world.organisation, who)])

    def policy(world: World, **changed: object) -> bytes:
        return world.organisation.policy_envelope(replace(world.policy(), **changed))  # type: ignore[arg-type]

    return {
        "rollback of the policy": lambda w: {"policy": policy(w, version=1, purpose=w.policy().legal_basis)},
        "another policy of the same version": lambda w: {"policy": policy(w, max_sensitivity=1)},
        "rollback of the directive": lambda w: {"directive": signed(w, Directive(w.employee, 0, w.now(), (), ()))},
        "rollback of the key": lambda w: {"key": signed(w, replace(w.key(), id=uuid4(), created=0), "vault")},
        "another key under the same id": lambda w: {
            "key": signed(w, replace(w.key(), public_key=bytes(range(32))), "vault")
        },
        "fast-forward of the policy": lambda w: {
            "policy": documents.sign(replace(w.policy(), version=canonical.MAX_INT), [w.organisation.officer])
        },
        "fast-forward by the lease key": lambda w: {"policy": signed(w, replace(w.policy(), version=9))},
        "policy of the vault": lambda w: {"policy": signed(w, replace(w.policy(), version=9), "vault")},
        "lease for another policy": lambda w: {"lease": signed(w, w.lease(policy="00" * 32))},
        "lease for another key": lambda w: {"lease": signed(w, w.lease(key=uuid4()))},
        "lease of another person": lambda w: {"lease": signed(w, w.lease(employee=uuid4()))},
        "lease of another device": lambda w: {"lease": signed(w, w.lease(devices=(uuid4(),)))},
        "lease from before the latest pause": lambda w: {"lease": signed(w, w.lease(directive=w.number - 1))},
        "lease signed by the vault": lambda w: {"lease": signed(w, w.lease(), "vault")},
        "directive of another person": lambda w: {
            "directive": signed(w, Directive(uuid4(), w.number, w.now(), (), ()))
        },
        "key of another person": lambda w: {"key": signed(w, replace(w.key(), employee=uuid4()), "vault")},
        "key vouched for by the gateway": lambda w: {"key": signed(w, w.key(), "lease")},
        "expired policy": lambda w: {"policy": policy(w, version=4, expires=w.now())},
        "policy of the future": lambda w: {"policy": policy(w, version=4, not_before=w.now() + LATE_MS + 1)},
        "widening without the works council": lambda w: {
            "policy": documents.sign(
                replace(w.policy(), version=4, max_sensitivity=w.policy().max_sensitivity + 1), [w.organisation.officer]
            )
        },
        "policy of the works council alone": lambda w: {
            "policy": documents.sign(replace(w.policy(), version=4), [w.organisation.council])
        },
        "freeze: an old lease again": lambda w: {"lease": signed(w, w.lease(issued=w.now() - 200_000))},
    }


@pytest.mark.parametrize("attack", attacks())
def test_P02_a_lying_server_gets_nothing(world: World, attack: str) -> None:
    world.changed, world.number = {"version": 3, "max_sensitivity": 3}, 5
    permission = world.permission()
    assert permission.take(world.files()) == ()
    policy, key, directive = permission.policy, permission.key, permission.directive
    world.clock.pass_time(1_000)
    lie = attacks()[attack](world)
    refused = permission.take(world.files(**lie))
    assert set(lie) <= set(refused) or "lease" in refused
    assert (permission.policy, permission.key) == (policy, key)
    assert directive is not None
    assert permission.directive is not None
    assert permission.directive.number == directive.number
    assert not permission.scope().permitted


def test_P02_an_expired_policy_ends_capture_by_itself(world: World) -> None:
    world.changed = {"expires": START + 50_000}
    permission = world.permission()
    permission.take(world.files())
    world.clock.pass_time(49_999)
    assert permission.scope().permitted
    world.clock.pass_time(1)
    assert permission.scope().reason is Reason.ENDED
    permission.take(world.files(lease=None))
    assert permission.scope().reason is Reason.ENDED, "the person reads why, also once the server gives no permit"


def test_P03_a_narrowing_may_come_just_before_its_moment(world: World, permission: Permission) -> None:
    """The time here lags by as long as the latest lease was on its way: that is no failure, and permits nothing."""
    world.changed = {"version": 2, "max_sensitivity": 2, "not_before": world.now() + LATE_MS}
    narrow = documents.sign(world.policy(), [world.organisation.officer])
    assert permission.take({"policy": narrow}) == ()
    assert permission.policy == world.policy()
    assert permission.take(world.files(policy=narrow)) == ()
    world.clock.pass_time(LATE_MS - 1)
    assert permission.scope().reason is Reason.NOT_IN_FORCE
    world.clock.pass_time(1)
    assert permission.scope().permitted


def test_P02_a_widening_never_comes_early(world: World) -> None:
    world.changed = {"max_sensitivity": 2}
    permission = world.permission()
    assert permission.take(world.files()) == ()
    before = permission.policy
    world.changed = {"version": 2, "max_sensitivity": 3, "not_before": world.now() + 1}
    assert permission.take({"policy": world.organisation.policy_envelope(world.policy())}) == ("policy",)
    assert permission.policy == before


def test_P03_a_narrowing_needs_one_signature_and_survives_a_restart(world: World, permission: Permission) -> None:
    base = world.files()["policy"]
    world.changed = {"version": 2, "max_sensitivity": 2}
    narrow = documents.sign(world.policy(), [world.organisation.officer])
    assert permission.take(world.files(policy=narrow)) == ()
    restarted = world.permission()
    assert restarted.restore({"policy": narrow, "policy_base": base}) == ()
    assert restarted.policy == world.policy()
    assert world.permission().restore({"policy": narrow}) == ("policy",), "alone it widens from nothing"


def test_a_pause_narrows_exactly_its_scope(world: World, permission: Permission) -> None:
    world.pause(kinds=(Kind.KEY,), contexts=("vscode",))
    world.pause(kinds=(Kind.CLICK,))
    world.pause(kinds=(Kind.POINTER,), device=uuid4())
    permission.take(world.files())
    scope = permission.scope()
    assert not scope.allows(Kind.KEY, "vscode")
    assert scope.allows(Kind.KEY, "terminal")
    assert Kind.CLICK not in scope.permitted
    assert scope.allows(Kind.POINTER, "vscode")


def test_a_pause_that_begins_later_begins_by_itself_and_ends_half_open(world: World, permission: Permission) -> None:
    world.pause(starts=world.now() + 10_000, ends=world.now() + 20_000)
    permission.take(world.files())
    recording = []
    for _ in range(22):
        world.clock.pass_time(1_000)
        recording.append(bool(permission.scope().permitted))
    assert recording == [at < 10 or at >= 20 for at in range(1, 23)]


def test_a_higher_directive_counts_at_once_even_with_a_broken_lease(world: World, permission: Permission) -> None:
    world.pause()
    permission.take(world.files(lease=b"broken"))
    assert permission.directive is not None
    assert permission.directive.number == world.number
    permission.take(world.files())
    assert permission.scope().reason is Reason.PAUSED


def test_a_pause_of_everything_needs_no_lease_to_be_obeyed(world: World, permission: Permission) -> None:
    world.pause()
    refused = permission.take({name: envelope for name, envelope in world.files().items() if name != "lease"})
    assert refused == ()
    assert permission.scope().permitted == {}
    assert permission.scope().reason is Reason.PAUSED


def test_under_one_number_a_directive_only_adds(world: World, permission: Permission) -> None:
    pause = world.pause(ends=world.now() + HOUR)
    permission.take(world.files())
    world.pauses, world.exclusions = (), ("signal",)
    permission.take(world.files())
    assert permission.active(world.now()) == (pause,)
    world.exclusions = ()
    permission.take(world.files())
    assert "signal" in permission.exclusions()


def test_outside_the_hours_nothing_is_permitted(world: World) -> None:
    world.changed = {"hours": Hours((3,), 720, 721)}
    permission = world.permission()
    permission.take(world.files())
    assert permission.scope().permitted
    permission.local_time = lambda _: (3, 721)
    assert permission.scope().reason is Reason.HOURS
    permission.local_time = lambda _: (4, 720)
    assert permission.scope() == Scope({}, Reason.HOURS, world.now())


def test_the_narrower_of_lease_and_policy_holds(world: World, permission: Permission) -> None:
    leased = {Kind.KEY: ("vscode", "elsewhere")}
    lease = documents.sign(world.lease(permitted=leased), [world.organisation.lease])
    permission.take(world.files(lease=lease))
    assert permission.scope().permitted == {Kind.KEY: frozenset({"vscode"})}
    world.changed = {"version": 2, "rules": (Rule(Kind.CLICK, ("vscode",), 1000, 0, 30),)}
    lease = documents.sign(world.lease(permitted=leased), [world.organisation.lease])
    permission.take(world.files(lease=lease))
    assert not permission.scope().permitted


def test_R05_a_pause_here_needs_no_server_and_outlives_a_restart(world: World, permission: Permission) -> None:
    pause = permission.pause_here(30)
    assert permission.scope().reason is Reason.PAUSED_HERE
    restarted = world.permission()
    restarted.local_pause = pause
    restarted.take(world.files())
    assert restarted.scope().reason is Reason.PAUSED_HERE
    world.clock.pass_time(30 * 60_000)
    restarted.take(world.files())
    assert restarted.local_pause_over()
    assert restarted.scope().permitted


def test_a_pause_here_without_any_server_is_measured_by_the_boot_clock(world: World) -> None:
    permission = world.permission()
    permission.pause_here(30)
    world.clock.wall += 24 * HOUR
    world.clock.pass_time(29 * 60_000)
    permission.take(world.files())
    nonce = permission.time.ask()
    assert nonce is not None, "by the wall clock that lease is of long before"
    permission.set_time(documents.sign(ServerTime(world.device, nonce, world.now()), [world.organisation.lease]))
    permission.take(world.files())
    assert permission.scope().reason is Reason.PAUSED_HERE
    world.clock.pass_time(60_000)
    assert permission.scope().reason is Reason.RECORDING


def test_a_pause_here_starts_anew_after_a_reboot_without_server(world: World) -> None:
    permission = world.permission()
    pause = permission.pause_here(30)
    world.clock.name, world.clock.boot = "second boot", 100
    rebooted = world.permission()
    rebooted.local_pause = pause
    rebooted.take(world.files())
    world.clock.pass_time(29 * 60_000)
    rebooted.take(world.files())
    assert rebooted.scope().reason is Reason.PAUSED_HERE


def test_the_longer_of_two_pauses_here_holds(world: World, permission: Permission) -> None:
    permission.pause_here(None)
    permission.pause_here(1)
    world.clock.pass_time(HOUR)
    permission.take(world.files())
    assert permission.scope().reason is Reason.PAUSED_HERE
    permission.resume_here()
    permission.pause_here(60)
    permission.pause_here(5)
    world.clock.pass_time(30 * 60_000)
    permission.take(world.files())
    assert permission.scope().reason is Reason.PAUSED_HERE


def test_files_of_unknown_names_change_nothing(world: World, permission: Permission) -> None:
    assert permission.take(world.files() | {"extra": json.dumps({}).encode()}) == ()
    assert permission.scope().permitted
