"""What HR asks of people who look after a store or have received data, and what came of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class Sort(StrEnum):
    """`owner`: do in your store what we cannot. `recipient`: you received data that is to be deleted (GDPR 19)."""

    OWNER = "owner"
    RECIPIENT = "recipient"


class StoreTask(Base):
    """One thing to do outside of Daylight for a request. `owner`: who does it; `proof`: how we know that it is done.

    Erasing a person empties `owner` and `proof` of their requests, and each `owner` that names them.
    """

    __tablename__ = "store_task"
    __table_args__ = (
        Index(None, "employee_id", "request_id"),
        CheckConstraint("done_at IS NOT NULL OR proof = ''", name="proof"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    step_id: Mapped[UUID | None]
    sort: Mapped[Sort] = mapped_column(by_value(Sort, "sort"))
    store: Mapped[str]
    owner: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    words: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
    given_by: Mapped[UUID]
    given_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of given_by")
    given_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    chased_at: Mapped[datetime | None]
    chases: Mapped[int] = mapped_column(server_default="0")
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    done_name: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of done_by")
    proof: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
