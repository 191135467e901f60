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
