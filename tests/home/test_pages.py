"""The own pages, empty and with pauses and devices, as the person sees them."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.web_client import Browser, statements

PAGES = (
    "/",
    "/state",
    "/data",
    "/data/2026-11-20",
    "/looks",
    "/requests",
    "/requests/delete?last=today",
    "/policy",
    "/settings",
    "/about",
    "/pauses",
    "/pauses/until",
    "/pauses/part",
    "/pauses/weekly",
    "/pauses/opt-out",
)
MOST_STATEMENTS = 12


@pytest.mark.parametrize("path", PAGES)
def test_every_own_page_opens_for_a_new_person(
    path: str, browse: Callable[[UUID | None], Browser], person: Callable[..., UUID]
) -> None:
    answer = browse(person("Amira Kaya")).get(path)
    assert answer.status_code == 200
    assert statements(answer) <= MOST_STATEMENTS


@pytest.mark.parametrize("path", PAGES)
def test_no_own_page_opens_for_nobody(path: str, browse: Callable[[UUID | None], Browser]) -> None:
    assert browse(None).get(path).status_code in {303, 401}
