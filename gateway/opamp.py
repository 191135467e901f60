"""OpAMP without a transport: what a message from an agent means, and what is answered. Messages are built purely.

Both transports give each message to `Handler.receive` with the agent's `Session` and send back what it returns.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.batches import OverloadedError
from gateway.devices import Device
from gateway.limits import Rate
from gateway.reports import HERE, Reports, Said
from portal.capture.rules import AHEAD_MS
from portal.core import clock
from wire import codec, documents, dsse, opamp
from wire.documents import Report, ReportKind
from wire.servertime import ServerTime

log = structlog.get_logger(__name__)

UID_BYTES = 16
HASH_BYTES = 32
LONGEST_ERROR = 200
REMEMBERED_OFFERS = 4
OFFER_AGAIN_MS = 10_000
HERE_PER_SECOND, HERE_BURST = 1 / 60, 30
"""Pauses made and ended on one device: each is a row that late uploads are compared with for a day."""

RETRY_SECONDS = 30
"""The least that the specification recommends."""
_ANSWERS = {
    opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED: ReportKind.APPLIED,
    opamp.RemoteConfigStatuses.RemoteConfigStatuses_FAILED: ReportKind.FAILED,
}
CAPABILITIES = (
    opamp.ServerCapabilities.ServerCapabilities_AcceptsStatus
    | opamp.ServerCapabilities.ServerCapabilities_OffersRemoteConfig
)


@dataclass(slots=True)
class Session:
    """What is known of one agent's run. `offers`: (configuration hash, policy hash), the newest last."""

    device: Device
    uid: bytes = b""
    sequence: int | None = None
    offers: tuple[tuple[bytes, str | None], ...] = ()
    offered_at: int = 0
    confirmed: bytes = b""
    told: tuple[str, str | None] | None = None
    gone: bool = False
    capabilities: int = 0

    def take(self, message: opamp.AgentToServer) -> None:
        """Where the agent's run stands after this message.

        With its full state the count begins anew: an agent may keep its uid over a restart.
        """
        full = message.HasField("agent_description")
        self.uid = message.instance_uid
        self.sequence = message.sequence_num if full else max(self.sequence or 0, message.sequence_num)
        self.gone = message.HasField("agent_disconnect")
        self.capabilities = message.capabilities or self.capabilities
        if full:  # what it has of earlier offers is what it will confirm
            self.offered_at, self.confirmed = 0, b""

    def can(self, capability: int) -> bool:
        """Whether the agent said so; one that never named a capability is taken to have the common ones."""
        return not self.capabilities or bool(self.capabilities & capability)

    @property
    def takes_config(self) -> bool:
        """Whether a configuration may be sent: always to our collector, to others if they accept any."""
        accepts = opamp.AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig
        return self.device.public_key is not None or self.can(accepts)

    def offer(self, files: Mapping[str, bytes], policy: str | None, now: int) -> opamp.AgentRemoteConfig:
        """The configuration to send, remembered as offered."""
        config = opamp.remote_config(files)
        self.offered(config.config_hash, policy)
        self.offered_at = now
        return config

    def offered(self, config_hash: bytes, policy: str | None) -> None:
        """Remember what was sent."""
        self.offers = (*self.offers[1 - REMEMBERED_OFFERS :], (config_hash, policy))

    def lacks(self, config_hash: bytes, now: int) -> bool:
        """Whether the agent should be sent this configuration: neither confirmed nor offered a moment ago.

        One that cannot confirm is offered it once.
        """
        if self.confirmed == config_hash or not self.takes_config:
            return False
        offered = bool(self.offers) and self.offers[-1][0] == config_hash and self.offered_at > 0
        confirms = self.can(opamp.AgentCapabilities.AgentCapabilities_ReportsRemoteConfig)
        return not offered or (confirms and now - self.offered_at > OFFER_AGAIN_MS)


def reply(uid: bytes, *, config: opamp.AgentRemoteConfig | None = None, flags: int = 0) -> opamp.ServerToAgent:
    """A message to the agent with this instance uid."""
    message = opamp.ServerToAgent(instance_uid=uid, capabilities=CAPABILITIES, flags=flags)
    if config is not None:
        message.remote_config.CopyFrom(config)
    return message


def says_more(message: opamp.ServerToAgent) -> bool:
    """Whether an answer says anything besides that the message has come."""
    custom = message.HasField("custom_message") or message.HasField("custom_capabilities")
    return bool(message.flags) or custom or message.HasField("agent_identification")


def bad_request(uid: bytes, sentence: str) -> opamp.ServerToAgent:
    """The answer to a message that makes no sense."""
    message = opamp.ServerToAgent(instance_uid=uid)
    message.error_response.type = opamp.ServerErrorResponseType.ServerErrorResponseType_BadRequest
    message.error_response.error_message = sentence
    return message


def refused(uid: bytes, sentence: str) -> opamp.ServerToAgent:
    """The same, and one log line that names nobody."""
    log.info("message_refused", reason=sentence)
    return bad_request(uid, sentence)


def unavailable(uid: bytes) -> opamp.ServerToAgent:
    """The last message before a connection is closed because we cannot serve it now."""
    message = opamp.ServerToAgent(instance_uid=uid)
    message.error_response.type = opamp.ServerErrorResponseType.ServerErrorResponseType_Unavailable
    message.error_response.error_message = "nothing was lost; come back later"
    message.error_response.retry_info.retry_after_nanoseconds = RETRY_SECONDS * 1_000_000_000
    return message


def acknowledge(message: opamp.ServerToAgent, envelope: bytes) -> None:
    """Say in `message` that the report in `envelope` is stored: its SHA-256."""
    message.custom_message.CopyFrom(opamp.custom(opamp.ACK, hashlib.sha256(envelope).digest()))


class Handler:
    """Takes in what agents say. Raises DatabaseDownError or OverloadedError when a report could not be kept.

    `policy_in`: which policy is alone in a configuration; an agent may confirm what another process has offered.
    `signer`: the lease key, which also says what time it is.
    """

    def __init__(self, reports: Reports, policy_in: Callable[[bytes], str | None], signer: Ed25519PrivateKey) -> None:
        self._reports, self._policy_in, self._signer = reports, policy_in, signer
        self._here = Rate(HERE_PER_SECOND, HERE_BURST)

    async def receive(self, session: Session, message: opamp.AgentToServer) -> opamp.ServerToAgent:
        """The answer, without a configuration: that is the transport's to add."""
        if len(message.instance_uid) != UID_BYTES:
            return refused(message.instance_uid, "instance_uid has 16 bytes")
        self._reports.seen(session.device.id)
        answer = reply(message.instance_uid, flags=_flags(session, message))
        session.take(message)
        if message.flags & opamp.AgentToServerFlags.AgentToServerFlags_RequestInstanceUid:
            session.uid = opamp.new_uid(clock.to_ms(clock.now()))
            answer.agent_identification.new_instance_uid = session.uid
        if message.HasField("custom_capabilities"):
            answer.custom_capabilities.capabilities.append(opamp.REPORT_CAPABILITY)
        if message.HasField("remote_config_status"):
            await self._status(session, message)
        if message.HasField("custom_message") and message.custom_message.capability == opamp.REPORT_CAPABILITY:
            return await self._custom(session, message, answer)
        return answer

    async def _custom(
        self, session: Session, message: opamp.AgentToServer, answer: opamp.ServerToAgent
    ) -> opamp.ServerToAgent:
        """Keep a report, or say what time it is."""
        data, now = message.custom_message.data, clock.to_ms(clock.now())
        if message.custom_message.type == opamp.TIME:
            told = tell_time(session.device, data, now, self._signer)
            if told is None:
                return refused(message.instance_uid, "not a question for the time")
            answer.custom_message.CopyFrom(opamp.custom(opamp.TIME, told))
            return answer
        said = read_report(session.device, data, now)
        if said is None:
            return refused(message.instance_uid, "the report is not signed by this device")
        if said.report.what in HERE and not self._here.take(session.device.id, asyncio.get_running_loop().time()):
            raise OverloadedError  # it says so again with its next connection
        await self._reports.submit(said)
        acknowledge(answer, data)
        return answer

    async def _status(self, session: Session, message: opamp.AgentToServer) -> None:
        status = message.remote_config_status
        said = status.last_remote_config_hash
        session.confirmed = said if len(said) == HASH_BYTES else b""  # ours are SHA-256: any other is nothing to keep
        what = _ANSWERS.get(status.status)
        policy = dict(session.offers).get(session.confirmed) or self._policy_in(session.confirmed)
        if what is None or policy is None or session.told == (what, policy):
            return
        now = clock.to_ms(clock.now())
        report = Report(session.device.id, what, 0, policy, 0, now, _text(status.error_message))
        await self._reports.submit(Said(session.device.employee, report))
        session.told = (what, policy)


def tell_time(device: Device, nonce: bytes, now: int, signer: Ed25519PrivateKey) -> bytes | None:
    """The signed answer to a device's question what time it is; None if it is none, or the device has no key."""
    if device.public_key is None or len(nonce) != documents.NONCE_BYTES:
        return None
    return documents.sign(ServerTime(device.id, nonce, now), [signer])


def read_report(device: Device, envelope: bytes, now: int) -> Said | None:
    """The report in an envelope that this device signed about itself, otherwise None.

    Nobody can tell of what is to come: a later time is taken as `now`.
    """
    if device.public_key is None:
        return None
    keys = {dsse.key_id(device.public_key): device.public_key}
    try:
        report, _ = documents.open_signed(Report, envelope, keys)
    except (dsse.SignatureError, codec.DocumentError):
        return None
    if report.device != device.id:
        return None
    return Said(device.employee, report if report.at <= now + AHEAD_MS else replace(report, at=now))


def _text(said: str) -> str:
    """What an agent says in words, as a database can hold it."""
    return said.replace("\0", "")[:LONGEST_ERROR]


def _flags(session: Session, message: opamp.AgentToServer) -> int:
    """Ask for the full state when messages were missed, or when this run of the agent is not known here.

    A number below the last is no gap: a held poll and other requests of the same agent may overtake each other.
    """
    known = session.uid == message.instance_uid and session.sequence is not None
    follows = known and message.sequence_num <= (session.sequence or 0) + 1
    full = message.HasField("agent_description")
    return 0 if follows or full else int(opamp.ServerToAgentFlags.ServerToAgentFlags_ReportFullState)
