"""Reads and writes the agent's own files: documents in force, known time, pause, exclusions, status."""

from collections.abc import Mapping

from collector import pauses, stops
from collector.clock import Clock
from collector.identity import Identity
from collector.pauses import LocalPause
from collector.permission import Permission
from collector.state import StateDir, replace
from collector.stops import Stops
from collector.timekeeping import Seen
from wire import canonical, codec, councils, documents, dsse, succession
from wire.policy import Context, Policy

DOCUMENTS = ("directive", "key", "policy", "policy_base")
TIME = "time.json"
PAUSE = "pause.json"
TOLD = "told.json"
STOPS = "stops.json"
EXCLUSIONS = "exclusions.json"
STATUS = "status.json"
FORGET = "forget.request"
REMOVED = "removed"


def restore(state: StateDir, permission: Permission) -> tuple[str, ...]:
    """Takes what was in force when the collector last ran; the names of what does not verify any more."""
    permission.time.seen = _seen(state)
    permission.local_pause = load_pause(state, permission.clock)
    if state.read(STOPS) is not None:
        permission.stops = stops.from_json(state.read_json(STOPS))
    stored = {name: state.read(name + ".dsse") for name in DOCUMENTS}
    return permission.restore({name: data for name, data in stored.items() if data is not None})


def keep(
    state: StateDir, who: Identity, files: Mapping[str, bytes], refused: tuple[str, ...], *, based: bool = False
) -> None:
    """Keeps the documents that were taken, never a lease. `based`: a base was taken, and the policy after it."""
    for name in ("directive", "key", "policy_base", "policy"):
        data = files.get(name)
        if data is None or name in refused or state.read(name + ".dsse") == data:
            continue
        bears = name.startswith("policy") and bears_here(who, data)
        if name == "policy_base" and not (based and bears and "policy" not in refused):
            continue  # a base from outside is kept only where it was needed: else it would be a way back
        if name == "policy" and bears:
            state.write("policy_base.dsse", data)
        state.write(name + ".dsse", data)


def keep_stops(state: StateDir, held: Stops) -> None:
    """Keeps the stops for all in force, before anything is said of them; an empty list once none is."""
    if state.read_json(STOPS) != held.to_json() and (held.held or state.read(STOPS) is not None):
        state.write_json(STOPS, held.to_json())


def bears_here(who: Identity, envelope: bytes) -> bool:
    """Whether a policy that was accepted would be without an earlier one: its council signed it, and it is for here."""
    policy, signers = documents.open_signed(Policy, envelope, succession.holders(who.trust))
    sites = policy.audience.sites
    return councils.consents(who.trust, sites, signers) and councils.covers(who.trust, sites, who.site)


def keep_time(state: StateDir, seen: Seen | None) -> None:
    """Keeps the latest known moment: it only makes old leases recognisable."""
    if seen is not None:
        replace(state.path / TIME, canonical.encode(codec.to_value(seen)), durable=False)


def _seen(state: StateDir) -> Seen | None:
    value = state.read_json(TIME)
    try:
        return None if value is None else codec.from_value(Seen, value)
    except codec.DocumentError:
        return None


def known_time(state: StateDir, clock: Clock) -> int | None:
    """The server's time if a lease was seen in this boot."""
    seen = _seen(state)
    return None if seen is None or seen.boot != clock.boot_id() else clock.boot_ms() + seen.offset


def load_pause(state: StateDir, clock: Clock) -> LocalPause | None:
    """The device's own pause. An unreadable file counts as a pause without end."""
    if state.read(PAUSE) is None:
        return None
    value = state.read_json(PAUSE)
    return pauses.begin(clock, None, None) if value is None else pauses.from_json(value, clock)


def save_pause(state: StateDir, pause: LocalPause | None) -> None:
    """Keeps, or deletes, the device's own pause."""
    if pause is None:
        state.remove(PAUSE)
    else:
        state.write_json(PAUSE, pauses.to_json(pause))


def told(state: StateDir) -> list[bytes]:
    """The reports of this device's latest pause and resume, sent again at each connection: the gateway knows them."""
    value = state.read_json(TOLD)
    return [str(envelope).encode() for envelope in value] if isinstance(value, list) else []


def keep_told(state: StateDir, envelopes: list[bytes]) -> None:
    """Keeps those reports."""
    state.write_json(TOLD, [envelope.decode() for envelope in envelopes])


def exclusions(state: StateDir) -> frozenset[str]:
    """What the person excludes on this device: program names and host names."""
    value = state.read_json(EXCLUSIONS)
    return frozenset(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else frozenset()


def listed_contexts(state: StateDir) -> tuple[Context, ...]:
    """The contexts of the policy that is kept here; none without one."""
    try:
        return documents.read(Policy, dsse.payload_of(state.read("policy.dsse") or b"")).contexts
    except (dsse.SignatureError, codec.DocumentError):
        return ()


def save_exclusions(state: StateDir, entries: frozenset[str]) -> None:
    """Keeps what the person excludes on this device."""
    state.write_json(EXCLUSIONS, sorted(entries))


def forget_documents(state: StateDir) -> None:
    """Deletes every document: the device was removed."""
    state.remove(*(name + ".dsse" for name in DOCUMENTS), TIME, TOLD, STOPS)
