"""How many people of each grade are exempt, as published: never changed again, and of no group smaller than k."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Small


class Exemption(Base):
    """One grade in one month. `grade` '': grades too small to be counted alone; NULL counts are hidden."""

    __tablename__ = "exemption"
    __table_args__ = (
        CheckConstraint("people >= k AND exempt BETWEEN k AND people", name="hidden"),
        {"schema": "pub"},
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    grade: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int | None]
    exempt: Mapped[int | None]
    k: Mapped[Small]
    counted_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
