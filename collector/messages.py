"""The OpAMP messages of this agent, and what it refuses to be offered."""

import platform
import sys
from collections.abc import Mapping

from collector.permission import Reason, Scope
from wire import canonical, opamp

VERSION = "0.1.0"
_PLATFORMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_CAPABILITIES = (
    opamp.AgentCapabilities.AgentCapabilities_ReportsStatus
    | opamp.AgentCapabilities.AgentCapabilities_AcceptsRemoteConfig
    | opamp.AgentCapabilities.AgentCapabilities_ReportsEffectiveConfig
    | opamp.AgentCapabilities.AgentCapabilities_ReportsHealth
    | opamp.AgentCapabilities.AgentCapabilities_ReportsRemoteConfig
)


class Messages:
    """Numbers the messages of one run. `uid`: 16 random bytes."""

    def __init__(self, uid: bytes) -> None:
        self._uid = uid
        self._sequence = 0

    def hello(self, policy: str | None, scope: Scope) -> opamp.AgentToServer:
        """The first message of a connection: the agent's full state."""
        message = self._next()
        for key, value in (("service.name", "daylight-collector"), ("service.version", VERSION)):
            _attribute(message.agent_description.identifying_attributes.add(), key, value)
        for key, value in (("os.type", platform_name()), ("os.description", platform.platform(terse=True))):
            _attribute(message.agent_description.non_identifying_attributes.add(), key, value)
        message.custom_capabilities.capabilities.append(opamp.REPORT_CAPABILITY)
        self._add_state(message, policy, scope)
        return message

    def state(self, policy: str | None, scope: Scope) -> opamp.AgentToServer:
        """Health and effective configuration, after a change."""
        message = self._next()
        self._add_state(message, policy, scope)
        return message

    def report(self, envelope: bytes) -> opamp.AgentToServer:
        """A signed report."""
        message = self._next()
        message.custom_message.CopyFrom(opamp.report(envelope))
        return message

    def ask_time(self, nonce: bytes) -> opamp.AgentToServer:
        """The question what time it is at the server; `nonce`: 16 random bytes."""
        message = self._next()
        message.custom_message.CopyFrom(opamp.custom(opamp.TIME, nonce))
        return message

    def configured(self, config_hash: bytes, refused: tuple[str, ...]) -> opamp.AgentToServer:
        """Whether a configuration was applied. `refused`: names of the documents that were not."""
        message, statuses = self._next(), opamp.RemoteConfigStatuses
        status = message.remote_config_status
        status.last_remote_config_hash = config_hash
        status.status = statuses.RemoteConfigStatuses_FAILED if refused else statuses.RemoteConfigStatuses_APPLIED
        status.error_message = "refused: " + ", ".join(refused) if refused else ""
        return message

    def poll(self) -> opamp.AgentToServer:
        """Nothing but a sign of life."""
        return self._next()

    def _next(self) -> opamp.AgentToServer:
        message = opamp.AgentToServer(instance_uid=self._uid, sequence_num=self._sequence, capabilities=_CAPABILITIES)
        self._sequence += 1
        return message

    @staticmethod
    def _add_state(message: opamp.AgentToServer, policy: str | None, scope: Scope) -> None:
        message.health.healthy = scope.reason is not Reason.NO_POLICY
        message.health.status = scope.reason.value
        entry = message.effective_config.config_map.config_map["effective"]
        entry.content_type = opamp.JSON
        entry.body = canonical.encode({"policy": policy, "permitted": _permitted(scope)})


def offers(message: opamp.ServerToAgent) -> tuple[str, ...]:
    """Names of what the server offers and this agent never accepts (P08)."""
    found = []
    if message.HasField("connection_settings"):
        settings = message.connection_settings
        found.append("connection_settings")
        if settings.HasField("opamp") and settings.opamp.heartbeat_interval_seconds == 0:
            found.append("heartbeat_0")
    found.extend(name for name in ("packages_available", "command", "agent_identification") if message.HasField(name))
    return tuple(found)


def platform_name() -> str:
    """The operating system, as a slug."""
    return _PLATFORMS.get(sys.platform, sys.platform)


def _permitted(scope: Scope) -> Mapping[str, list[str]]:
    return {kind.value: sorted(names) for kind, names in scope.permitted.items()}


def _attribute(entry: object, key: str, value: str) -> None:
    entry.key = key  # type: ignore[attr-defined]
    entry.value.string_value = value  # type: ignore[attr-defined]
