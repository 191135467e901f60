"""The S3 server of moto on this machine, for the length of a `with` block."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import obstore
import requests
from moto.server import ThreadedMotoServer
from obstore.store import S3Store


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own; `address` as a setting gives it."""

    name: str
    endpoint: str

    @property
    def address(self) -> str:
        """As a setting gives it, with a prefix."""
        return f"s3://key:sec%2Fret@{self.name}/lake?endpoint={self.endpoint}&region=eu-central-1"

    def store(self) -> S3Store:
        """The test's own hand on it, below the same prefix."""
        return S3Store(
            bucket=self.name,
            prefix="lake",
            endpoint=self.endpoint,
            access_key_id="other",
            secret_access_key="other",
            region="eu-central-1",
            client_options={"allow_http": True},
        )

    def names(self) -> list[str]:
        """All objects below the prefix."""
        return sorted(it["path"] for chunk in obstore.list(self.store()) for it in chunk)


@contextmanager
def object_store() -> Iterator[str]:
    """A server's endpoint."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(endpoint: str) -> Bucket:
    """A new bucket."""
    made = Bucket(f"b{uuid4().hex[:12]}", endpoint)
    signed = "AWS4-HMAC-SHA256 Credential=other/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=x"
    where = (
        "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
    )
    requests.put(f"{endpoint}/{made.name}", where, headers={"Authorization": signed}, timeout=30).raise_for_status()
    return made
