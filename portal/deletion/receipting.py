"""Receipts: signed when a step ends, logged in the same transaction, proved once the log has sequenced the entry."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.actions import record_numbered
from portal.audit.keys import LogKey
from portal.audit.models import AuditEntry, LogLeaf
from portal.core import clock
from portal.deletion.claims import Claim
from portal.deletion.models import Receipt, StepAction, StepState
from portal.deletion.rules import Chosen
from wire import receipt

ACTION = "step.ended"


@dataclass(frozen=True)
class Ended:
    """How a step ended. `physical_on` None: the store has not said; `remaining` None: nobody could look.

    `apart_rows`: of a freeze or a thaw only, see `models.Step`.
    """

    state: StepState
    reason: str | None = None
    deleted: int = 0
    held: int = 0
    remaining: int | None = None
    logical_at: datetime | None = None
    physical_on: date | None = None
    read_back_at: datetime | None = None
    apart: bool | None = None
    apart_rows: int | None = None


def issue(session: Session, key: LogKey, claimed: Claim, found: Ended, now: datetime) -> None:
    """Sign the receipt and log its hash; a whole person's entry names nobody, so that it outlives the person."""
    made = document if claimed.action is StepAction.ERASE else restriction
    envelope = receipt.sign(made(claimed, found, now), key.private)
    entry = record_numbered(
        session,
        ACTION,
        actor=None,
        role="worker",
        employee=None if claimed.chosen.whole_person else claimed.person,
        about=claimed.step,
        request=str(claimed.request),
        receipt=receipt.digest(envelope),
        state=found.state.value,
    )
    session.add(
        Receipt(
            id=uuid4(),
            employee_id=claimed.person,
            request_id=claimed.request,
            step_id=claimed.step,
            envelope=envelope.decode(),
            entry_id=entry,
            issued_at=now,
        )
    )
    session.flush()


def document(claimed: Claim, found: Ended, now: datetime) -> receipt.Receipt:
    """The content of an erasure's receipt."""
    return receipt.Receipt(
        step=claimed.step,
        request=claimed.request,
        store=claimed.store,
        asked=_asked(claimed.chosen),
        state=found.state.value,
        reason=found.reason,
        deleted=found.deleted,
        held=found.held,
        remaining=found.remaining,
        logical=_ms(found.logical_at),
        physical=found.physical_on.isoformat() if found.physical_on else None,
        read_back=_ms(found.read_back_at),
        apart=found.apart,
        issued=clock.to_ms(now),
    )


def restriction(claimed: Claim, found: Ended, now: datetime) -> receipt.Restriction:
    """The content of the receipt of a freeze, or of a thaw."""
    thaws = claimed.action is StepAction.THAW
    return receipt.Restriction(
        step=claimed.step,
        request=claimed.request,
        store=claimed.store,
        asked=_asked(claimed.chosen),
        action=claimed.action.value,
        state=found.state.value,
        reason=found.reason,
        moved=found.deleted,
        readable=None if thaws else found.remaining,
        apart_rows=found.apart_rows,
        held=found.held,
        since=_ms(claimed.frozen_at if thaws else found.logical_at),
        lifted=_ms(found.logical_at) if thaws else None,
        read_back=_ms(found.read_back_at),
        apart=found.apart,
        issued=clock.to_ms(now),
    )


def prover(key: LogKey) -> Callable[[Session, datetime], bool]:
    """The job that completes receipts whose entry has its leaf by now."""
    public = str(key.public())

    def prove_next(session: Session, _now: datetime) -> bool:
        """One receipt; True while there may be more."""
        waiting = select(Receipt.id, Receipt.envelope, Receipt.entry_id, LogLeaf.index.label("leaf"))
        waiting = waiting.join(LogLeaf, LogLeaf.entry_id == Receipt.entry_id).where(Receipt.proof.is_(None)).limit(1)
        row = session.execute(waiting.with_for_update(of=Receipt, skip_locked=True)).one_or_none()
        if row is None:
            return False
        proof = _proof(session, row.entry_id, row.leaf, public)
        whole = receipt.bundle(row.envelope.encode(), proof)
        session.execute(update(Receipt).where(Receipt.id == row.id).values(proof=whole))
        return True

    return prove_next


def _proof(session: Session, entry: int, leaf: int, public: str) -> receipt.Proof:
    row = session.execute(select(*queries.ENTRY).where(AuditEntry.id == entry)).one()
    head = queries.newest_head(session)
    if head is None:
        raise RuntimeError("a leaf without a checkpoint")
    path = tuple(queries.inclusion_proof(session, leaf, head.size))
    return receipt.Proof(asdict(queries.entry_of(row)), row.salt, leaf, path, head.note, public)


def _asked(chosen: Chosen) -> receipt.Asked:
    return receipt.Asked(
        starts=_ms(chosen.starts_at),
        ends=_ms(chosen.ends_at),
        kinds=None if chosen.kinds is None else tuple(sorted(chosen.kinds)),
        contexts=None if chosen.contexts is None else tuple(sorted(chosen.contexts)),
        sensitivities=None if chosen.sensitivities is None else tuple(sorted(chosen.sensitivities)),
        items=None if chosen.segments is None else len(chosen.segments),
        whole_person=chosen.whole_person,
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_ms(moment)
