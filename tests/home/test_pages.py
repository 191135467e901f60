"""The own pages, empty and with pauses and devices, as the person sees them."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.core import clock
from tests.web_client import Browser, statements

PAGES = (
    "/",
    "/state",
    "/data",
    "/data/2026-11-20",
    "/looks",
    "/looks?by=others",
    "/looks?by=own",
    "/requests",
    "/requests/new",
    "/requests/for",
    "/requests/deletions",
    "/requests/delete?last=today",
    "/exports",
    "/incidents",
    "/shown",
    "/petitions",
    "/petitions/new",
    "/petitions/how",
    "/statistics",
    "/statistics/minutes",
    "/policy",
    "/settings",
    "/settings/delegates",
    "/about",
    "/pauses",
    "/pauses/until",
    "/pauses/part",
    "/pauses/weekly",
    "/pauses/opt-out",
)
MOST_STATEMENTS = 12
ONE_CLICK = re.compile(r"<button[^>]*>(Pause 30 minutes|Resume recording)</button>")


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


@pytest.mark.parametrize("path", PAGES)
def test_one_click_pauses_and_resumes_from_every_own_page(
    path: str, browse: Callable[[UUID | None], Browser], person: Callable[..., UUID]
) -> None:
    amira = browse(person("Amira Kaya"))
    assert ONE_CLICK.findall(amira.get(path).text) == ["Pause 30 minutes"]
    assert amira.post("/pauses", {"for": "opt_out"}).status_code == 303
    assert ONE_CLICK.findall(amira.get(path).text) == ["Resume recording"]


def test_a_day_without_anything_says_so(browse: Callable[[UUID | None], Browser], person: Callable[..., UUID]) -> None:
    amira = browse(person("Amira Kaya"))
    assert "Nothing was captured on this day" in amira.get("/data/2026-11-20").text
    assert "This day has not come yet" in amira.get(f"/data/{clock.now().date() + timedelta(days=2)}").text
    assert "Nothing matches" in amira.get("/data/2026-11-20?kind=key").text
