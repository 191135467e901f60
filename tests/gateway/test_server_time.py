"""What time it is: the gateway's signed answer to a device that asks, over both transports (P05)."""

import asyncio
import os
from typing import Any

import pytest

from tests.cast import Organisation
from tests.gateway.agent import Agent, now
from wire import documents, dsse, opamp
from wire.documents import Signer
from wire.servertime import ServerTime


def question(agent: Agent, nonce: bytes, sequence: int = 2) -> opamp.AgentToServer:
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=sequence)
    message.custom_message.CopyFrom(opamp.custom(opamp.TIME, nonce))
    return message


def over_http(agent: Agent, nonce: bytes) -> opamp.ServerToAgent:
    agent.poll()
    answer = agent.post("/v1/opamp", question(agent, nonce).SerializeToString(), opamp.CONTENT_TYPE)
    return opamp.server_message(answer.content, framed=False)


def over_websocket(agent: Agent, nonce: bytes) -> opamp.ServerToAgent:
    async def ask() -> opamp.ServerToAgent:
        async with agent.connected() as line:
            await line.send(question(agent, nonce))
            while not ((told := await line.receive()).HasField("custom_message") or told.HasField("error_response")):
                pass
            return told

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [over_http, over_websocket])
def test_P05_the_answer_is_signed_for_this_question_of_this_device(
    agent: Agent, organisation: Organisation, ask: Any
) -> None:
    nonce = os.urandom(16)
    before = now()
    told = ask(agent, nonce).custom_message
    assert (told.capability, told.type) == (opamp.REPORT_CAPABILITY, opamp.TIME)
    keys = organisation.trust().keys_of(Signer.LEASE)
    said, _ = documents.open_signed(ServerTime, told.data, keys)
    assert (said.device, said.nonce) == (agent.device, nonce)
    assert before <= said.at <= now()
    with pytest.raises(dsse.SignatureError):
        documents.open_signed(ServerTime, told.data, organisation.trust().keys_of(Signer.VAULT))


@pytest.mark.parametrize("ask", [over_http, over_websocket])
@pytest.mark.parametrize("nonce", [b"", bytes(15), bytes(17), bytes(10_000)])
def test_R06_a_question_that_is_none_is_answered_with_an_error(agent: Agent, ask: Any, nonce: bytes) -> None:
    told = ask(agent, nonce)
    assert told.error_response.error_message == "not a question for the time"
    assert not told.HasField("custom_message")
