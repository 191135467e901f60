"""The record of a stop: signed by the log's key, kept up to date, final an hour after the end."""

import csv
import io
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.core import clock
from portal.core.db import Database
from portal.stops.records import keeper, read
from tests.stops.conftest import Company
from wire import documents, dsse
from wire.stopping import StopRecord

KEY = Ed25519PrivateKey.generate()
KEYS = {dsse.key_id(dsse.raw_public(KEY)): dsse.raw_public(KEY)}


def keep(database: Database, after: timedelta = timedelta()) -> None:
    """The worker's bell rings."""
    job = keeper(KEY)
    while True:
        with database.transaction("worker") as session:
            if not job(session, clock.now() + after):
                return


def test_the_record_follows_the_stop_to_its_end(company: Company, database: Database) -> None:
    stop = company.stop()
    keep(database)
    envelope = company.one("SELECT record FROM stop WHERE id = %s", stop)
    record, _ = documents.open_signed(StopRecord, envelope.encode(), KEYS)
    assert (record.stop, record.by, record.reason) == (stop, "privacy_officer", "A leak.")
    assert (record.devices, record.resumed) == (None, None), "fewer than ten"
    keep(database, timedelta(minutes=1))
    assert company.one("SELECT record FROM stop WHERE id = %s", stop) == envelope, "no news, no new signature"
    company.devices(stop, 20, 20)
    keep(database, timedelta(minutes=2))
    record = read(company.one("SELECT record FROM stop WHERE id = %s", stop))
    assert (record.devices, record.answered, record.last_ms) == (20, 20, 200)
    company.hand_in("officer", stop, company.signed(stop, "officer", "council"))
    keep(database, timedelta(minutes=3))
    ended = company.one("SELECT record FROM stop WHERE id = %s", stop)
    assert read(ended).resumed is not None
    assert read(ended).resume_sha256
    keep(database, timedelta(hours=2))
    company.devices(stop, 10, 10)
    keep(database, timedelta(hours=3))
    assert company.one("SELECT record FROM stop WHERE id = %s", stop) == ended, "it is final"
    for desk in ("officer", "council"):
        assert company.of(desk).get(f"/{desk}/stops/{stop}/record.json").get_data(as_text=True) == ended
        table = company.of(desk).get(f"/{desk}/stops/{stop}/record.csv")
        rows = dict(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
        assert rows["answered"] == "20"
        assert rows["50"] == "100"
