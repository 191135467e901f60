"""Refusals of the vault: a slug for programs, a sentence for people. None holds content, tokens, keys or names."""

from http import HTTPStatus


class VaultError(Exception):
    """Answered as JSON `{"error": slug, "message": sentence}` with `status`."""

    status = HTTPStatus.BAD_REQUEST
    slug = "bad_request"


class BadRequestError(VaultError):
    """The request has not the fields it should have."""


class TokenRefusedError(VaultError):
    """The ID token does not prove who signed in."""

    status = HTTPStatus.UNAUTHORIZED
    slug = "token_refused"


class SessionRefusedError(VaultError):
    """The session is not a live one of the person in the ID token."""

    status = HTTPStatus.FORBIDDEN
    slug = "session_refused"


class TicketRefusedError(VaultError):
    """No live session stands behind the ticket, or the look was not committed."""

    status = HTTPStatus.FORBIDDEN
    slug = "ticket_refused"


class NoArchiveError(VaultError):
    """There is no such archive of this person: not ready, expired, cancelled, or another person's."""

    status = HTTPStatus.NOT_FOUND
    slug = "no_archive"


class HandoverRefusedError(VaultError):
    """A handover to somebody who has left is not to be had like this: unknown, over, twice, four_eyes, wrong_code."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, why: str) -> None:
        super().__init__("This handover is not to be had like this.")
        self.slug = f"handover_{why}"


class UnknownPersonError(VaultError):
    """There is no such employee."""

    status = HTTPStatus.NOT_FOUND
    slug = "unknown_person"


class PeerRefusedError(VaultError):
    """The process at the other end of the socket runs as a user who may not connect."""

    status = HTTPStatus.FORBIDDEN
    slug = "peer_refused"


class UnavailableError(VaultError):
    """Database, identity provider or key management system is out of reach, or the vault is busy: try again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"


class DiskFullError(UnavailableError):
    """The database's disk is full: nothing of the transaction was kept, try again when there is room."""

    slug = "disk_full"
