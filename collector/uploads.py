"""Sends what is in the spool, oldest first; a segment leaves it only when the gateway has answered for it."""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID

from collector.agent import Agent
from collector.spool import Waiting
from collector.transport import PROBLEMS, Backoff, Gateway
from wire import canary, segment

log = logging.getLogger("collector")
PATH = "/v1/segments"
BATCH_BYTES = 7 << 20
OK, BAD, TOO_LARGE = 200, 400, 413
LONGEST_RETRY_S = 300.0


class AnswerError(Exception):
    """The gateway's answer is not one to these segments."""


async def keep_uploading(gateway: Gateway) -> None:
    """Uploads until the device is removed."""
    agent, backoff, most = gateway.agent, Backoff(), segment.MAX_BATCH
    agent.spooled.set()
    while not agent.removed.is_set():
        await agent.spooled.wait()
        batch = agent.spool.oldest(most, BATCH_BYTES)
        if not batch:
            agent.spooled.clear()
            continue
        try:
            status, wait = await _upload(gateway, batch)
        except (*PROBLEMS, AnswerError):
            status, wait = 0, None
        if status == OK:
            most = segment.MAX_BATCH
            backoff.reset()
        elif status in {BAD, TOO_LARGE} and len(batch) > 1:
            most = 1
        elif status in {BAD, TOO_LARGE}:
            agent.ledger.unread(batch[0])
            _settle(agent, batch[0], "refused", "malformed")
        else:
            await asyncio.sleep(backoff.next() if wait is None else wait)


async def _upload(gateway: Gateway, batch: list[Waiting]) -> tuple[int, float | None]:
    gateway.agent.ledger.asking(batch)
    body = segment.pack((waiting.header, waiting.body) for waiting in batch)
    status, data, headers = await gateway.post(PATH, body, segment.CONTENT_TYPE)
    if status == OK:
        answers = _answers(batch, data)
        gateway.agent.ledger.answered(batch)
        for waiting, (outcome, reason) in zip(batch, answers, strict=True):
            _settle(gateway.agent, waiting, outcome, reason)
        return status, None
    retry = str(headers.get("Retry-After", ""))
    return status, min(float(retry), LONGEST_RETRY_S) if retry.isdigit() else None


def _answers(batch: list[Waiting], data: bytes) -> list[tuple[str, str]]:
    try:
        results: list[dict[str, Any]] = json.loads(data)["results"]
        answers = [(UUID(one["segment"]), str(one["outcome"]), str(one["reason"] or "")) for one in results]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AnswerError from error
    if [answer[0] for answer in answers] != [_id(waiting.header) for waiting in batch]:
        raise AnswerError
    return [(outcome, reason) for _, outcome, reason in answers]


def _id(header: bytes) -> UUID:
    try:
        return segment.read_header(header).segment
    except segment.SegmentError:
        return canary.read_header(header).header.segment


def _settle(agent: Agent, waiting: Waiting, outcome: str, reason: str) -> None:
    agent.spool.remove(waiting.seq)
    if outcome == "stored":
        agent.totals.stored += 1
    elif outcome != "canary":
        agent.totals.refused[reason or outcome] += 1
        log.info("collector.segment_refused outcome=%s reason=%s", outcome, reason)
