"""aiohttp names itself and Python's version in each answer, also to what is no HTTP, where no hook is asked."""

from aiohttp import web_response

NAME = "Daylight"


def answer_without_versions() -> None:
    """To be called before a server starts."""
    web_response.SERVER_SOFTWARE = NAME  # type: ignore[attr-defined]
