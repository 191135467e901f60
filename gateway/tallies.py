"""`POST /v1/tallies`: a device's word about a finished day, kept as it was signed.

A second one that differs is refused, and kept beside the first for the check of that day.
"""

from datetime import date, timedelta
from typing import Final

from aiohttp import web

from gateway.database import Connection, DatabaseDownError, Link
from gateway.devices import Device
from gateway.errors import RefusedError, malformed, unavailable
from portal.core import clock
from wire import codec, documents, dsse, tally
from wire.tally import Tally

OLDEST: Final = timedelta(days=40)
ONE_DAY: Final = timedelta(days=1)

_PUT = """
INSERT INTO tally (device_id, day, refused, employee_id, hash, envelope) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
_HASH = "SELECT hash FROM tally WHERE device_id = %s AND day = %s AND NOT refused"


class Tallies:
    """Takes tallies, one transaction each: a device has one a day."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def serve(self, device: Device, content_type: str, body: bytes) -> web.Response:
        """200 when this very tally is kept, again too; 409 when another one is."""
        if content_type != tally.CONTENT_TYPE:
            raise RefusedError(415, "content_type", f"Send a tally as {tally.CONTENT_TYPE}.")
        said = _opened(device, body)
        day = date.fromisoformat(said.day)
        _check_day(day)
        try:
            taken = await self._link.run(lambda connection: keep(connection, device, day, said, body))
        except DatabaseDownError as error:
            raise unavailable() from error
        if not taken:
            raise RefusedError(409, "tally_differs", "Another tally of this day was taken. Both are kept.")
        return web.json_response({"day": said.day})


async def keep(connection: Connection, device: Device, day: date, said: Tally, envelope: bytes) -> bool:
    """Whether `said` is this day's tally now. The first one is, for ever; of those that differ the first is kept."""
    digest = documents.document_hash(said)
    values = (device.employee, digest, envelope.decode())
    await connection.execute(_PUT, [device.id, day, False, *values])
    row = await (await connection.execute(_HASH, [device.id, day])).fetchone()
    if row is not None and row[0] == digest:
        return True
    await connection.execute(_PUT, [device.id, day, True, *values])
    return False


def _opened(device: Device, body: bytes) -> Tally:
    if device.public_key is None:
        raise malformed("Only a collector has a tally.")
    try:
        said = documents.open_signed(Tally, body, {dsse.key_id(device.public_key): device.public_key})[0]
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise malformed("This is no tally that this device signed.") from error
    if said.device != device.id:
        raise malformed("This is the tally of another device.")
    return said


def _check_day(day: date) -> None:
    today = clock.now().date()
    if day >= today:
        raise RefusedError(425, "too_early", "This day is not over yet. Send its tally tomorrow.")
    if day < today - OLDEST:
        raise malformed("This day is too long ago.")
