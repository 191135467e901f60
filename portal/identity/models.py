"""Who people are, what roles they hold, and that they are signed in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class Role(StrEnum):
    """What somebody is beside being an employee."""

    HR = "hr"
    WORKS_COUNCIL = "works_council"
    PRIVACY_OFFICER = "privacy_officer"


class Employee(Base):
    """A person, known by issuer and subject of the identity provider."""

    __tablename__ = "employee"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_employee_email", text("lower(email)")),
        Index("ix_employee_former_emails", "former_emails", postgresql_using="gin"),
    )
    id: Mapped[Id]
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    name: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    email: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    site: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    department: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    country: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    grade: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    timezone: Mapped[str] = mapped_column(server_default="Europe/Berlin", comment="personal: whole-person erasure")
    locale: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    exclusions: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'::text[]"), comment="personal: whole-person erasure"
    )
    directive_number: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    left_at: Mapped[datetime | None]
    former_emails: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'::text[]"), comment="personal: whole-person erasure"
    )
    """Addresses before this one, in small letters; the database keeps them. Rows elsewhere still stand under them."""


class RoleGrant(Base):
    """A role somebody holds. The partial unique index lets nobody be HR and works council at once (S07)."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_hr_or_council",
            "employee_id",
            unique=True,
            postgresql_where=text("role IN ('hr', 'works_council')"),
        ),
    )
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: whole-person erasure")
    role: Mapped[Role] = mapped_column(by_value(Role, "role"), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    seats: Mapped[list[str]] = mapped_column(
        server_default=text("'{}'::text[]"), comment="personal: whole-person erasure"
    )
    """Of the works council alone: the sites on whose council somebody sits, "" for the central one, as is nothing."""


class SigninAttempt(Base):
    """A sign-in under way: single use, ten minutes (S01). Only hashes of state and of the browser's cookie are kept."""

    __tablename__ = "signin_attempt"
    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    browser_hash: Mapped[bytes]
    nonce: Mapped[str]
    code_verifier: Mapped[str]
    next_path: Mapped[str]
    fresh: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class LoginSession(Base):
    """A server-side session; the cookie's value is known only by its hash (S04)."""

    __tablename__ = "login_session"
    __table_args__ = (Index(None, "issuer", "subject", "sid"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(comment="personal: deleted a day after the session's end")
    sid: Mapped[str | None]
    auth_time: Mapped[datetime]
    id_token: Mapped[str | None] = mapped_column(comment="personal: deleted at the session's end")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    last_seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class UsedLogoutToken(Base):
    """A back-channel logout token seen once, by the hash of issuer and jti, so that a replay is refused (S05)."""

    __tablename__ = "used_logout_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class EmployeeKey(Base):
    """A person's HPKE key pair: the public part in a signed document, the private one wrapped under a KMS epoch."""

    __tablename__ = "employee_key"
    __table_args__ = (
        Index("uq_employee_key_live", "employee_id", unique=True, postgresql_where=text("retired_at IS NULL")),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True)
    document: Mapped[str]
    wrapped_private: Mapped[bytes] = mapped_column(comment="personal: epoch destruction")
    kms_epoch: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    retired_at: Mapped[datetime | None]


class VaultTicket(Base):
    """The right of one session to have its own content opened; only the ticket's hash is kept."""

    __tablename__ = "vault_ticket"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: deleted at the session's end")
    session_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Installation(Base):
    """One row: facts about this database as a whole."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
