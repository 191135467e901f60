"""Publish signed documents. Organisation-level: done by the operator as `owner`, never by the web process."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import from_ms
from portal.core.notify import notify
from portal.policies.models import PolicyRow, TrustDocument
from portal.policies.queries import trust
from wire import documents, dsse
from wire.documents import Trust
from wire.policy import Policy, accept


def publish_trust(session: Session, envelope: bytes) -> str:
    """Keep a trust document that officer and council signed; its fingerprint. Publishing it again changes nothing."""
    fingerprint = documents.fingerprint(envelope)
    document = documents.open_trust(envelope, fingerprint)
    if session.scalars(select(TrustDocument).where(TrustDocument.fingerprint == fingerprint)).one_or_none() is None:
        session.add(TrustDocument(version=document.version, fingerprint=fingerprint, envelope=envelope.decode()))
    return fingerprint


def publish(session: Session, envelope: bytes, now: int) -> Policy:
    """Keep a policy as an agent that has none yet would accept it, and tell the gateways. Again changes nothing.

    Raises SignatureError or DocumentError as wire.policy.accept does, and DocumentError without a trust document.
    """
    row = trust(session)
    if row is None:
        raise dsse.SignatureError("no trust document has been published")
    policy = accept(envelope, documents.read(Trust, dsse.payload_of(row.envelope.encode())), None, now)
    digest = documents.document_hash(policy)
    if session.scalars(select(PolicyRow).where(PolicyRow.hash == digest)).one_or_none() is None:
        published = PolicyRow(
            id=uuid4(),
            version=policy.version,
            hash=digest,
            envelope=envelope.decode(),
            not_before=from_ms(policy.not_before),
            expires_at=from_ms(policy.expires),
        )
        session.add(published)
        session.flush()
        notify(session, "policy", published.id)
    return policy
