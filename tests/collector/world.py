"""One person with one device, everybody who signs, and a clock that the test turns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from collector import identity
from collector.agent import Agent, Options
from collector.desktop import Field, Rect, Snapshot, Window
from collector.identity import Identity
from collector.permission import Permission
from collector.state import StateDir
from tests.cast import Organisation
from wire import content, documents, dsse, opamp, segment
from wire.content import Content
from wire.documents import Directive, KeyDocument, Kind, Lease, PauseSpan, Report
from wire.policy import Policy
from wire.segment import Header

START = 1_800_000_000_000
BOOT = 5_000_000
NOON = (3, 720)


@dataclass
class FakeClock:
    """A boot clock and a wall clock that only the test moves."""

    boot: int = BOOT
    wall: int = START
    name: str = "first boot"

    def boot_ms(self) -> int:
        return self.boot

    def boot_id(self) -> str:
        return self.name

    def wall_ms(self) -> int:
        return self.wall

    def pass_time(self, ms: int) -> None:
        """Time goes by, for both clocks."""
        self.boot += ms
        self.wall += ms


@dataclass
class World:
    """What a person's gateway would sign. `directive`: the present number."""

    organisation: Organisation = field(default_factory=lambda: Organisation(issued=START))
    clock: FakeClock = field(default_factory=FakeClock)
    employee: UUID = field(default_factory=uuid4)
    device: UUID = field(default_factory=uuid4)
    private: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    device_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    key_id: UUID = field(default_factory=uuid4)
    number: int = 1
    pauses: tuple[PauseSpan, ...] = ()
    exclusions: tuple[str, ...] = ()
    changed: dict[str, Any] = field(default_factory=dict)

    def policy(self) -> Policy:
        """The default policy with what the test changed."""
        return replace(self.organisation.policy(), **({"hours": None} | self.changed))

    def now(self) -> int:
        """The server's true time: it goes with the boot clock."""
        return START + self.clock.boot - BOOT

    def lease(self, **changed: Any) -> Lease:
        """A lease that fits everything, issued now."""
        policy = self.policy()
        lease = Lease(
            id=uuid4(),
            employee=self.employee,
            devices=(self.device,),
            policy=documents.document_hash(policy),
            directive=self.number,
            permitted=policy.permitted(),
            key=self.key_id,
            issued=self.now(),
            ttl_s=120,
        )
        return replace(lease, **changed)

    def key(self) -> KeyDocument:
        """The person's key document."""
        return KeyDocument(self.key_id, self.employee, self.private.public_key().public_bytes_raw(), START)

    def directive(self) -> Directive:
        """The person's pauses as of now."""
        return Directive(self.employee, self.number, self.now(), self.pauses, self.exclusions)

    def files(self, **changed: bytes | None) -> dict[str, bytes]:
        """The complete map as the gateway sends it; None leaves a file out."""
        sign, keys = documents.sign, self.organisation
        files: dict[str, bytes | None] = {
            "policy": keys.policy_envelope(self.policy()),
            "key": sign(self.key(), [keys.vault]),
            "directive": sign(self.directive(), [keys.lease]),
            "lease": sign(self.lease(), [keys.lease]),
        }
        return {name: data for name, data in (files | changed).items() if data is not None}

    def pause(self, ends: int | None = None, starts: int | None = None, **scope: Any) -> PauseSpan:
        """A pause of the person from now on, under a new directive number."""
        self.number += 1
        whole: dict[str, Any] = {"kinds": None, "contexts": None, "device": None}
        span = PauseSpan(uuid4(), self.now() if starts is None else starts, ends, **(whole | scope))
        self.pauses = (*self.pauses, span)
        return span

    def resume(self) -> None:
        """All pauses are over, under a new directive number."""
        self.number += 1
        self.pauses = ()

    def permission(self) -> Permission:
        """A fresh permission, as after a start of the collector."""
        return Permission(self.organisation.trust(), self.device, self.employee, self.clock, lambda _: NOON)

    def identity(self, server: str = "http://127.0.0.1:1") -> Identity:
        """Who the device is."""
        trust = self.organisation.trust()
        return Identity(server, "/v1/opamp", self.device, self.employee, "Laptop", trust, self.device_key, ())

    def state(self, folder: Path, server: str = "http://127.0.0.1:1") -> StateDir:
        """A state directory of the enrolled device."""
        state = StateDir(folder)
        identity.save(state, self.identity(server), self.organisation.trust_envelope())
        return state

    def agent(self, folder: Path, **options: Any) -> Agent:
        """An agent that starts on that folder."""
        chosen: dict[str, Any] = {"canaries": False} | options
        return Agent(self.state(folder), self.identity(), self.clock, Options(local_time=lambda _: NOON, **chosen))

    def message(self, **changed: bytes | None) -> opamp.ServerToAgent:
        """The gateway's push of the present configuration."""
        message = opamp.ServerToAgent()
        message.remote_config.CopyFrom(opamp.remote_config(self.files(**changed)))
        return message

    def opened(self, header: bytes, body: bytes) -> tuple[Header, Content]:
        """What the person's key opens, checked against its header."""
        packed = zstandard.decompress(segment.unseal(header, body, self.private))
        read, item = segment.read_header(header), content.unpack(packed)
        assert content.differences(item, len(packed), read) == ()
        return read, item

    def spooled(self, agent: Agent) -> list[tuple[Header, Content]]:
        """Everything in the agent's spool, opened."""
        return [self.opened(one.header, one.body) for one in agent.spool.oldest(10_000, 1 << 30)]


def reports(agent: Agent) -> list[Report]:
    """What the agent reported, checked against its key; empties the outbox."""
    public = dsse.raw_public(agent.identity.key)
    keys = {dsse.key_id(public): public}
    found = [
        documents.open_signed(Report, message.custom_message.data, keys)[0]
        for message in agent.outbox
        if message.HasField("custom_message")
    ]
    agent.outbox.clear()
    return found


def window(app: str = "code", title: str = "main.py", **changed: Any) -> Window:
    """A window that fills the screen."""
    values: dict[str, Any] = {"id": 1, "apps": (app,), "title": title, "rect": Rect(0, 0, 1920, 1080)}
    return Window(**(values | changed))


def desk(active: Window | None, *others: Window, field: Field = Field.TEXT, grabbed: bool = False) -> Snapshot:
    """A desktop with the active window on top."""
    windows = ((active,) if active else ()) + others
    return Snapshot(windows, active, field, grabbed, (1920, 1080))


def typed(agent: Agent, clock: FakeClock, text: str, every: int = 100) -> None:
    """Types the text, a key each `every` ms, with the agent's tick going on."""
    for character in text:
        name = {"\b": "backspace", "\n": "enter"}.get(character, "char")
        agent.recorder.key(clock.boot_ms(), name, character if name == "char" else "")
        clock.pass_time(every)
        agent.tick()


def texts(found: list[tuple[Header, Content]], kind: Kind = Kind.KEY) -> str:
    """The text of all segments of a kind, in order."""
    data = [item.data for header, item in found if header.kind is kind]
    return "".join(str(one.get("text", json.dumps(one))) for one in data)


def without(files: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """The map without one of its files."""
    return {key: data for key, data in files.items() if key != name}
