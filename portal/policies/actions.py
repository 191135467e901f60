"""Publish signed documents. Organisation-level: done by the operator as `owner`, never by the web process."""

from collections.abc import Iterable
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.clock import from_ms
from portal.core.db import lock
from portal.core.notify import notify
from portal.policies.drafts.rules import ties
from portal.policies.models import PolicyRow, TrustDocument
from portal.policies.queries import PUBLISHING, every_policy, trust
from wire import codec, councils, difference, documents, dsse, succession
from wire.documents import Trust
from wire.policy import Policy, accept
from wire.precedence import change


def publish_trust(session: Session, envelope: bytes) -> str:
    """Keep a trust document that officer and council signed; its fingerprint. Publishing it again changes nothing."""
    fingerprint = documents.fingerprint(envelope)
    document = documents.open_trust(envelope, fingerprint)
    if session.scalars(select(TrustDocument).where(TrustDocument.fingerprint == fingerprint)).one_or_none() is None:
        session.add(TrustDocument(version=document.version, fingerprint=fingerprint, envelope=envelope.decode()))
    return fingerprint


def publish_succession(session: Session, envelope: bytes, resigned: Iterable[bytes], now: int) -> str:
    """Put a trust document in the place of the one in force; its fingerprint. Devices follow it by the old keys.

    Every policy in force that the new keys do not bear out has to be signed anew: `resigned`; see `unsigned`. Raises
    SignatureError and DocumentError.
    """
    row = trust(session, hold=True)
    if row is None:
        raise dsse.SignatureError("no trust document has been published")
    old = documents.read(Trust, dsse.payload_of(row.envelope.encode()))
    new = succession.succeed(old, envelope)
    _sign_anew(session, old, new, {dsse.payload_of(one): one for one in resigned}, now)
    fingerprint = documents.fingerprint(envelope)
    steps = {"envelope": succession.own(envelope, new).decode(), "succession": envelope.decode()}
    # Not the transaction's start: a stop may have been ended by the old document since.
    published = func.clock_timestamp()
    session.add(TrustDocument(version=new.version, fingerprint=fingerprint, published_at=published, **steps))
    session.flush()
    notify(session, "policy", uuid4())
    return fingerprint


def unsigned(session: Session, old: Trust, new: Trust, now: int) -> list[PolicyRow]:
    """The policies in force to sign anew before `new` takes the place of `old`, oldest first.

    Where a key of officer or council goes: what officer and council have not signed with keys that stay. Else: what
    they have signed, and which by `new` takes more keys, or those of another council.
    """
    found = select(PolicyRow).where(PolicyRow.expires_at > from_ms(now)).order_by(PolicyRow.version)
    return [row for row in session.scalars(found) if not _borne_out(row.envelope.encode(), old, new)]


def _borne_out(envelope: bytes, old: Trust, new: Trust) -> bool:
    sites, signers = documents.read(Policy, dsse.payload_of(envelope)).audience.sites, dsse.signers_of(envelope)
    goes = succession.holders(old).keys() - succession.holders(new).keys()
    return councils.both(new, sites, signers) or not (goes or councils.both(old, sites, signers))


def _sign_anew(session: Session, old: Trust, new: Trust, resigned: dict[bytes, bytes], now: int) -> None:
    holders = succession.holders(new)
    for row in session.scalars(select(PolicyRow).where(PolicyRow.expires_at > from_ms(now))):
        kept = row.envelope.encode()
        given = resigned.get(dsse.payload_of(kept), kept)
        sites = documents.read(Policy, dsse.payload_of(kept)).audience.sites
        envelope = councils.gathered(new, sites, [kept, given])
        if not _borne_out(envelope, old, new):
            raise dsse.SignatureError(
                f"policy {row.version} has to be signed anew by officer and council, with keys that stay"
            )
        dsse.verify(envelope, Policy.TYPE, holders)
        row.envelope = envelope.decode()


def publish(session: Session, envelope: bytes, now: int) -> Policy:
    """Keep a policy as an agent that has none yet would accept it, and tell the gateways. Again changes nothing.

    Raises SignatureError or DocumentError as wire.policy.accept does, without a trust document, and where its hash of
    what it changes is not that of what it really changes.
    """
    lock(session, PUBLISHING)
    row = trust(session, hold=True)
    if row is None:
        raise dsse.SignatureError("no trust document has been published")
    policy = accept(envelope, documents.read(Trust, dsse.payload_of(row.envelope.encode())), None, now)
    if policy.difference != difference.digest(*change(every_policy(session), policy)):
        raise codec.DocumentError("its signers were shown another difference from the policy that it replaces")
    digest = documents.document_hash(policy)
    if session.scalars(select(PolicyRow).where(PolicyRow.hash == digest)).one_or_none() is None:
        if beside := ties(policy, every_policy(session), now):
            version = beside[0].parameters["version"]
            raise codec.DocumentError(f"somebody is in its audience and in that of policy {version}, as specific as it")
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
