"""The people who have a device here, and what each of their devices is to know."""

from typing import Protocol
from uuid import UUID

from gateway.permits import Facts, Permit, Published
from wire import opamp
from wire.documents import Directive


class Order:
    """A configuration that is the same for all: made into bytes once. `tail`: the message without its agent's uid."""

    __slots__ = ("config_hash", "files", "tail")

    def __init__(self, files: dict[str, bytes], message: opamp.ServerToAgent) -> None:
        self.files = files
        self.config_hash = message.remote_config.config_hash
        self.tail = opamp.tail(message)


class Connected(Protocol):
    """One device's connection or held request."""

    device: UUID

    def push(self, person: "Person") -> None:
        """Send what the person's devices are to know now."""

    def share(self, order: "Order", person: "Person") -> None:
        """Send at once what others get, too."""

    def drop(self) -> None:
        """The device or its person was removed."""


class Person:
    """One person with a device here.

    `directive`: as signed last; `news`: what it is to be next, None while that says the same. `envelopes`: device → its
    signed lease. `used`: last moment with a connection. `orders`: stops for all in force, and their ends, as files;
    `halted`: one is in force.
    """

    __slots__ = (
        "connections",
        "directive",
        "directive_envelope",
        "due",
        "envelopes",
        "facts",
        "halted",
        "held",
        "news",
        "orders",
        "published",
        "succession",
        "used",
    )

    def __init__(self) -> None:
        self.facts: Facts | None = None
        self.published: Published | None = None
        self.succession: bytes | None = None
        self.held: list[Permit] = []
        self.directive: Directive | None = None
        self.news: Directive | None = None
        self.directive_envelope = b""
        self.envelopes: dict[UUID, bytes] = {}
        self.connections: tuple[Connected, ...] = ()
        self.orders: dict[str, bytes] = {}
        self.halted = False
        self.due = 0
        self.used = 0

    def knows(self, device: UUID) -> bool:
        """Whether the device is one of this person's, and neither was removed."""
        facts = self.facts
        return facts is not None and not facts.left and device in facts.collectors | facts.observers

    def doubt(self) -> None:
        """Nothing is permitted that is not permitted yet: what is known could not be understood."""
        self.envelopes, self.held, self.news = {}, [], None

    def may_hold(self, device: UUID) -> bool:
        """Whether a lease for this device can be, though perhaps it was not signed yet."""
        facts = self.facts
        return facts is not None and device in facts.collectors and facts.key is not None and self.published is not None

    def only_stops(self) -> bool:
        """Whether a new directive takes away all that the devices hold leases for."""
        stops = bool(self.held) and not any(permit.permitted for permit in self.held)
        return stops and bool(self.envelopes) and self.news is not None

    def files(self, device: UUID) -> dict[str, bytes]:
        """The complete configuration of one device; a stock OpAMP client gets the policy alone."""
        found = {"policy": self.published.envelope} if self.published else {}
        if self.facts is None or device not in self.facts.collectors:
            return found
        if self.published is not None and self.published.base is not None:
            found["policy_base"] = self.published.base
        if self.succession is not None:
            found["trust"] = self.succession
        if self.facts.key is not None:
            found["key"] = self.facts.key.envelope
        if self.directive is not None:
            found["directive"] = self.directive_envelope
        if self.facts.workplace.site is not None:
            found["site"] = self.facts.workplace.site.encode()  # to be shown: devices believe nobody about it
        if device in self.envelopes:
            found["lease"] = self.envelopes[device]
        return found | self.orders
