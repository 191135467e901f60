"""OpAMP framing and the few messages we exchange (github.com/open-telemetry/opamp-spec, v0.14).

The only module that imports the message classes of the OpenTelemetry client.
"""

import hashlib
import secrets
from collections.abc import Mapping

from google.protobuf.message import DecodeError
from opentelemetry._opamp.proto import opamp_pb2 as pb

AgentToServer = pb.AgentToServer
ServerToAgent = pb.ServerToAgent
CustomMessage = pb.CustomMessage
AgentRemoteConfig = pb.AgentRemoteConfig
RemoteConfigStatuses = pb.RemoteConfigStatuses
ServerCapabilities = pb.ServerCapabilities
AgentCapabilities = pb.AgentCapabilities
ServerErrorResponseType = pb.ServerErrorResponseType
AgentToServerFlags = pb.AgentToServerFlags
ServerToAgentFlags = pb.ServerToAgentFlags

CONTENT_TYPE = "application/x-protobuf"
MAX_MESSAGE = 256 * 1024
REPORT_CAPABILITY = "eu.daylight.report"
REPORT, ACK, TIME = "report", "ack", "time"
"""Types of our custom messages: a signed report; the SHA-256 of one that is kept; the nonce of a question what time it
is, and its answer, a signed wire.servertime.ServerTime."""

JSON = "application/json"
_UUID_7 = 7 << 76 | 2 << 62
_UUID_7_FREE = (1 << 128) - 1 ^ (15 << 76 | 3 << 62)


class FramingError(ValueError):
    """The bytes are not an OpAMP message."""


def to_frame(message: pb.ServerToAgent | pb.AgentToServer) -> bytes:
    """A WebSocket frame: the header varint 0, then the message."""
    return b"\x00" + bytes(message.SerializeToString())


def addressed(uid: bytes, tail: bytes) -> bytes:
    """A WebSocket frame of the message with this tail for one agent; `uid`: 16 bytes, field 1 of ServerToAgent."""
    return b"\x00\x0a" + bytes((len(uid),)) + uid + tail


def tail(message: pb.ServerToAgent) -> bytes:
    """A message without an instance uid, as bytes: what is the same for all."""
    return bytes(message.SerializeToString())


def agent_message(data: bytes, *, framed: bool) -> pb.AgentToServer:
    """What an agent sent. `framed`: over WebSocket, where a header of zero comes first. Raises FramingError."""
    message = pb.AgentToServer()
    _parse(message, data, framed=framed)
    return message


def server_message(data: bytes, *, framed: bool) -> pb.ServerToAgent:
    """What the server sent. Raises FramingError."""
    message = pb.ServerToAgent()
    _parse(message, data, framed=framed)
    return message


def _parse(message: pb.ServerToAgent | pb.AgentToServer, data: bytes, *, framed: bool) -> None:
    if len(data) > MAX_MESSAGE:
        raise FramingError("the message is too large")
    # Old clients send no header; a protobuf message never starts with a zero byte (field number 0 is illegal).
    body = data[1:] if framed and data[:1] == b"\x00" else data
    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise FramingError("not an OpAMP message") from error


def remote_config(files: Mapping[str, bytes]) -> pb.AgentRemoteConfig:
    """A configuration of named JSON files, with their hash."""
    config = pb.AgentRemoteConfig(config_hash=config_hash(files))
    for name in sorted(files):
        entry = config.config.config_map[name]
        entry.body = files[name]
        entry.content_type = JSON
    return config


def config_files(config: pb.AgentRemoteConfig) -> dict[str, bytes]:
    """Name → body of a received configuration."""
    return {name: entry.body for name, entry in config.config.config_map.items()}


def config_hash(files: Mapping[str, bytes]) -> bytes:
    """SHA-256 over the sorted names and bodies, each with its length."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def new_uid(now: int) -> bytes:
    """An instance uid as UUID version 7 (RFC 9562, 5.7) of the moment `now` in Unix milliseconds."""
    value = now << 80 | int.from_bytes(secrets.token_bytes(10), "big")
    return (value & _UUID_7_FREE | _UUID_7).to_bytes(16, "big")


def custom(kind: str, data: bytes) -> pb.CustomMessage:
    """One of our custom messages."""
    return pb.CustomMessage(capability=REPORT_CAPABILITY, type=kind, data=data)


def report(envelope: bytes) -> pb.CustomMessage:
    """A device's signed report as OpAMP custom message."""
    return custom(REPORT, envelope)
