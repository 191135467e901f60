"""What canaries show: whether a device keeps and drops what its policy says, by what arrives here and what does not.

A canary is looked at by the same rule as what is captured, opened, compared and thrown away. Nothing of it is kept but
the server's own word on the device: *verified* when the last of a run came in time and nothing of that run was amiss,
*contradicted* when something came that the policy does not permit. No device can say either of itself.
"""

import io
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import zstandard

from gateway import facts as known
from gateway.database import Connection
from gateway.facts import Known
from gateway.items import Item
from portal.agents.models import CONTRADICTED, VERIFIED
from portal.capture import rules
from portal.capture.rules import Refusal
from portal.core.clock import from_ms
from wire import canary, segment
from wire.canary import Canary, Marked
from wire.policy import Policy
from wire.segment import Header

MAX_WINDOW = 1 << 20
_SEE = """
INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at, detail)
SELECT employee_id, device_id, what, 0, policy, last_seq, reported_at, detail
  FROM jsonb_to_recordset(%s) AS s (employee_id uuid, device_id uuid, what text, policy text, last_seq bigint,
                                    reported_at timestamptz, detail text)
 WHERE NOT EXISTS (SELECT FROM device_report d WHERE d.device_id = s.device_id AND d.reported_at = s.reported_at
                      AND d.received_at > now() - interval '2 days' AND d.policy = s.policy
                      AND (d.what = s.what AND d.detail = s.detail OR d.what = 'contradicted' AND s.what = 'verified'))
"""


class Shown(StrEnum):
    """What one canary shows. Nothing: it came from under a pause, a lease or a time of which no run tells."""

    KEPT = "kept"
    AMISS = "amiss"
    NOTHING = "nothing"


async def see(connection: Connection, items: Sequence[Item], now: int, max_age_s: int) -> None:
    """Write what these canaries show, in the caller's transaction. `now`: Unix ms."""
    if not items:
        return
    facts = await known.load(connection, items, now, max_age_s * 1000)
    found = [(one, mark, header, shows(one, facts)) for one in items if (mark := one.canary) and (header := one.header)]
    amiss = {(one.device, mark.run) for one, mark, _, shown in found if shown is Shown.AMISS}
    rows = [_row(one, mark, header, CONTRADICTED) for one, mark, header, shown in found if shown is Shown.AMISS]
    rows += [
        _row(one, mark, header, VERIFIED)
        for one, mark, header, shown in found
        if shown is Shown.KEPT and ends(mark, now) and (one.device, mark.run) not in amiss
    ]
    if rows:
        await connection.execute(_SEE, [json.dumps(rows)])


def shows(item: Item, facts: Known) -> Shown:
    """What this canary shows, by the rule that decides about what is captured and by what is in it."""
    mark, header = item.canary, item.header
    if mark is None or header is None:
        return Shown.NOTHING
    policy = facts.policies.get(header.policy)
    reason = rules.decide(header, facts.of(item, header))
    if reason in {Refusal.NOT_IN_POLICY, Refusal.TOO_LARGE}:
        return Shown.AMISS
    if reason is not None or policy is None or not mark.run <= header.start <= mark.run + canary.RUN_MS:
        return Shown.NOTHING
    if mark.number in canary.MUST_DROP:
        return Shown.AMISS
    if mark.number not in {canary.LAST, canary.kept(header.kind)}:
        return Shown.NOTHING
    return Shown.KEPT if as_told(policy, Marked(mark, header), item) else Shown.AMISS


def as_told(policy: Policy, marked: Marked, item: Item) -> bool:
    """Whether it opens, and holds exactly what such a canary has to hold under this policy."""
    if len(item.body) > canary.MAX_SEALED:
        return False
    try:
        payload = segment.unseal(item.header_bytes, item.body, canary.private_key(item.device, marked.canary.run))
        packed = _inflated(payload)
    except (segment.SegmentError, zstandard.ZstdError):
        return False
    return canary.as_told(policy, marked, packed)


def _inflated(payload: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).stream_reader(io.BytesIO(payload))
    return reader.read(canary.MAX_SEALED + 1)[: canary.MAX_SEALED]


def ends(mark: Canary, now: int) -> bool:
    """Whether it is the last of its run, and came in time."""
    return mark.number == canary.LAST and now <= mark.run + canary.DEADLINE_MS


def _row(one: Item, mark: Canary, header: Header, what: str) -> dict[str, Any]:
    return {
        "employee_id": str(one.employee),
        "device_id": str(one.device),
        "what": what,
        "policy": header.policy,
        "last_seq": header.seq,
        "reported_at": from_ms(mark.run).isoformat(),
        "detail": "" if what == VERIFIED else f"canary={mark.number}",
    }
