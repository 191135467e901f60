"""Signed policies and the trust document: organisation-level, readable by every process."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id


class PolicyRow(Base):
    """A policy as signed. `hash` is that of the canonical content, without signatures."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("version"), UniqueConstraint("hash"))
    id: Mapped[Id]
    version: Mapped[int]
    hash: Mapped[str]
    envelope: Mapped[str]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class TrustDocument(Base):
    """Which keys may sign what, as signed by officer and council; devices pin its fingerprint."""

    __tablename__ = "trust_document"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
