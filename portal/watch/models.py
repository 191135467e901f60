"""What the worker saw when it last looked: how many and since when. No row names anybody."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, by_value
from portal.watch.rules import Watched


class Watch(Base):
    """One thing that is looked at again and again. `found` NULL: a number of people too small to be told."""

    __tablename__ = "watch"
    __table_args__ = (
        CheckConstraint("found >= 0", name="found"),
        CheckConstraint("coalesce(found > 0, true) = (since IS NOT NULL)", name="since"),
    )
    name: Mapped[Watched] = mapped_column(by_value(Watched, "name"), primary_key=True)
    found: Mapped[int | None]
    since: Mapped[datetime | None]
    looked_at: Mapped[datetime]
