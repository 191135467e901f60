"""Why the ballot does not do what it was asked; `slug` is what the browser puts into words."""

from enum import StrEnum
from http import HTTPStatus


class Slug(StrEnum):
    """One word for each refusal."""

    MALFORMED = "malformed"
    NOT_THE_PORTAL = "not_the_portal"
    UNKNOWN = "unknown"
    ENDED = "ended"
    ISSUED = "issued"
    SPENT = "spent"
    FORGED = "forged"
    USED = "used"
    TAKEN_BACK = "taken_back"
    NO_BOX = "no_box"


STATUS = {
    Slug.MALFORMED: HTTPStatus.BAD_REQUEST,
    Slug.NOT_THE_PORTAL: HTTPStatus.UNAUTHORIZED,
    Slug.UNKNOWN: HTTPStatus.NOT_FOUND,
    Slug.ENDED: HTTPStatus.GONE,
    Slug.ISSUED: HTTPStatus.CONFLICT,
    Slug.SPENT: HTTPStatus.CONFLICT,
    Slug.FORGED: HTTPStatus.FORBIDDEN,
    Slug.USED: HTTPStatus.CONFLICT,
    Slug.TAKEN_BACK: HTTPStatus.CONFLICT,
    Slug.NO_BOX: HTTPStatus.SERVICE_UNAVAILABLE,
}


class BallotError(Exception):
    """A refusal. Says nothing about who asked or what was given."""

    def __init__(self, slug: Slug) -> None:
        super().__init__(slug.value)
        self.slug = slug
