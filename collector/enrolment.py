"""Adding this device: trust first, then the one-time code, then nothing but what the server's keys have signed."""

import base64
import json
import logging
import platform
from dataclasses import dataclass, replace
from gettext import gettext
from typing import Any
from uuid import UUID

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import identity, refusals, store
from collector.clock import Clock
from collector.contexts import host_of
from collector.identity import Identity
from collector.messages import platform_name
from collector.state import StateDir, StateError
from collector.transport import LONGEST_ANSWER, TIMEOUT, check_server, new_session, whole
from wire import codec, documents, dsse, policy
from wire.documents import Enrolment, KeyDocument, Signer, Trust

log = logging.getLogger("collector")
OK = 200
FINAL = frozenset({"code_invalid", "key_known"})
"""Refusals after which no try with the same code and key can succeed."""


@dataclass(frozen=True)
class Asked:
    """What the person's own command says. `fingerprint`: of the trust document, checked before the code leaves.

    `site`: where the device is; no answer of the server changes it.
    """

    server: str
    fingerprint: str
    code: str
    name: str | None = None
    site: str | None = None


class FinalError(StateError):
    """The server refused for good."""


async def enrol(state: StateDir, clock: Clock, asked: Asked) -> Identity:
    """Enrols this device. Raises StateError with a sentence for the person.

    Then nothing was kept but the key: the answer may have been lost, and the same code and key get it once more.
    """
    server = check_server(asked.server)
    if state.read(identity.IDENTITY) is not None and state.read(store.REMOVED) is None:
        raise StateError(gettext("this device is enrolled already; `forget --device` undoes that."))
    try:
        async with new_session() as http:
            envelope = await _trust_envelope(http, server)
            trust = documents.open_trust(envelope, asked.fingerprint)
            key = identity.key_for(state, asked.code)
            answer = await _send(http, server, _request(clock, asked, key))
        enrolled = replace(_read(answer, server, trust, key), site=asked.site or None)
        _keep_documents(state, enrolled, answer)
    except FinalError:
        state.remove(identity.ENROLLING)
        raise
    except policy.ElsewhereError as error:
        told = gettext("the policy is for another site than the command says. Get a new command from your portal.")
        raise StateError(told) from error
    except (dsse.SignatureError, codec.DocumentError) as error:
        log.warning("collector.trust_refused reason=%s", error)
        raise StateError(
            gettext("the server could not prove who it is. Get a new command from your portal.")
        ) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("collector.unreachable reason=%s", type(error).__name__)
        raise StateError(gettext("the server cannot be reached; check its address.")) from error
    state.remove(store.REMOVED)
    identity.save(state, enrolled, envelope)
    return enrolled


async def _trust_envelope(http: aiohttp.ClientSession, server: str) -> bytes:
    async with http.get(server + "/v1/trust", timeout=TIMEOUT, allow_redirects=False) as response:
        if response.status != OK:
            told = gettext("the server has no trust document (it answered %(status)d); check its address.")
            raise StateError(told % {"status": response.status})
        return await whole(response, dsse.MAX_ENVELOPE)


def _request(clock: Clock, asked: Asked, key: Ed25519PrivateKey) -> bytes:
    described = f"{platform_name()}: {asked.name or platform.node()}"[:100]
    document = Enrolment(asked.code.strip(), dsse.raw_public(key), described, clock.wall_ms())
    return documents.sign(document, [key])


async def _send(http: aiohttp.ClientSession, server: str, envelope: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    url = server + "/v1/enroll"
    async with http.post(url, data=envelope, headers=headers, timeout=TIMEOUT, allow_redirects=False) as response:
        body = await whole(response, LONGEST_ANSWER)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        log.warning("collector.answer_unreadable status=%d", response.status)
        raise StateError(_unexpected()) from error
    if not isinstance(answer, dict):
        raise StateError(_unexpected())
    if response.status != OK:
        log.warning("collector.enrolment_refused status=%d reason=%s", response.status, answer.get("error"))
        told = gettext("the server refused: %(sentence)s")
        problem = FinalError if answer.get("error") in FINAL else StateError
        raise problem(told % {"sentence": refusals.sentence(answer, response.status)})
    return answer


def _read(answer: dict[str, Any], server: str, trust: Trust, key: Ed25519PrivateKey) -> Identity:
    try:
        hosts = (host_of(str(url)) for url in answer.get("exclude", ()))
        return Identity(
            server=server,
            opamp=str(answer.get("opamp", "/v1/opamp")),
            device=UUID(answer["device"]),
            employee=UUID(answer["employee"]),
            name=str(answer["name"]),
            trust=trust,
            key=key,
            exclude=tuple(host for host in hosts if host),
            portal=_address(answer.get("portal")),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise StateError(_unexpected()) from error


def _address(portal: object) -> str | None:
    """The portal's address, if a browser may be sent there."""
    try:
        return check_server(portal) if isinstance(portal, str) else None
    except StateError:
        return None


def _unexpected() -> str:
    return gettext("the server did not answer as expected.")


def _keep_documents(state: StateDir, enrolled: Identity, answer: dict[str, Any]) -> None:
    """Keeps key and policy, if they verify: the first policy needs the works council's signature too."""
    key_envelope, policy_envelope, now = answer.get("key"), answer.get("policy"), answer.get("time")
    if key_envelope:
        data = _bytes(key_envelope)
        key, _ = documents.open_signed(KeyDocument, data, enrolled.trust.keys_of(Signer.VAULT))
        if key.employee != enrolled.employee:
            raise codec.DocumentError("the key is somebody else's")
        state.write("key.dsse", data)
    if policy_envelope and isinstance(now, int):
        given = {"policy_base": answer.get("policy_base"), "policy": policy_envelope}
        files = {name: _bytes(envelope) for name, envelope in given.items() if envelope}
        current = None
        for data in files.values():
            current = policy.accept_here(data, enrolled.trust, current, now, enrolled.site)
        store.keep(state, enrolled, files, (), based=True)


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise StateError(_unexpected())
    return text.encode() if text.startswith("{") else base64.b64decode(text)
