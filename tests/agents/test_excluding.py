"""What a person writes under "Never capture here" excludes, by the collector's own judgement, or is refused by line."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from collector.contexts import Rules, Why, judge
from collector.desktop import Rect, Window
from portal.policies.default_policy import default_policy
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
POLICY = default_policy(0)
SHAPE = Rect(0, 0, 800, 600)
CODE = Window(1, ("code",), "main.py", SHAPE)
SITES = {
    host: Window(1, ("firefox",), "A page", SHAPE, url=f"https://{host}/a?b#c")
    for host in (
        "wiki.daylight.example",
        "outlook.office.com",
        "my.bank.example",
        "xn--bcher-kva.example",
        "bücher.example",
    )
}


def kept(superuser: Superuser, person: UUID) -> list[str]:
    row = superuser.execute("SELECT exclusions FROM employee WHERE id = %s", [person]).fetchone()
    superuser.rollback()
    assert row is not None
    return list(row[0])


def why(shown: Window, exclusions: list[str]) -> Why | None:
    """What the collector makes of a window, told these exclusions by a directive."""
    return judge(shown, Rules(POLICY.contexts, frozenset(exclusions))).why


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Visual Studio Code", [CODE]),
        ("visual studio code", [CODE]),
        ("Company wiki", [SITES["wiki.daylight.example"]]),
        ("https://wiki.daylight.example/", [SITES["wiki.daylight.example"]]),
        ("HTTPS://Somebody:secret@Wiki.Daylight.Example:8443/page?x=1#y", [SITES["wiki.daylight.example"]]),
        ("my.bank.example/path", [SITES["my.bank.example"]]),
        ("my.bank.example:8443", [SITES["my.bank.example"]]),
        ("*.bank.example", [SITES["my.bank.example"]]),
        ("bank", [SITES["my.bank.example"]]),
        ("Outlook", [Window(1, ("outlook",), "Inbox", SHAPE), SITES["outlook.office.com"]]),
        ("https://bücher.example/neu", [SITES["bücher.example"], SITES["xn--bcher-kva.example"]]),
        ("http://[::1]:3000/", [Window(1, ("firefox",), "x", SHAPE, url="http://[::1]:3000/")]),
        ("code.exe", [Window(1, ("code.exe",), "x", SHAPE)]),
    ],
)
def test_P07_what_a_person_writes_excludes_on_the_device(
    written: str, shown: list[Window], browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    assert [why(one, []) for one in shown] != [Why.EXCLUDED] * len(shown)
    browser.post("/settings/exclusions", {"exclusions": written})
    first = kept(superuser, amira)
    assert [why(one, first) for one in shown] == [Why.EXCLUDED] * len(shown)
    browser.post("/settings/exclusions", {"exclusions": "\n".join(first)})
    assert kept(superuser, amira) == first


def test_P07_a_ticked_app_of_the_policy_excludes_all_its_programs_and_sites(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/settings/exclusions", {"exclusions": "union.example", "app": ["vscode", "outlook", "no such"]})
    assert kept(superuser, amira) == ["code", "Code", "outlook", "outlook.office.com", "union.example"]
    page = browser.get("/settings").text
    assert 'name="app" value="vscode" checked' in page
    assert 'name="app" value="teams">' in page
    assert ">union.example</textarea>" in page
    assert "<dt>Outlook</dt><dd>outlook, outlook.office.com</dd>" in page
    assert "<dt>union.example</dt><dd>the program of this name; this site and all below it</dd>" in page


@pytest.mark.parametrize(
    "written",
    ["Visual Basic App", "https:///", "https://[", "/usr/bin/code", "C:\\Program Files\\Code.exe", "*",
     "me@bank.example", "and/or", "file:///etc/passwd", "a\u202eb", "bank.*", "<b>", "-"],
)  # fmt: skip
def test_P07_what_no_device_can_match_is_refused_by_its_line_and_nothing_is_lost(
    written: str, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya", exclusions=["bank.example"])
    answer = browse(amira).post("/settings/exclusions", {"exclusions": f"diary\n\n{written}", "app": "teams"})
    assert answer.status_code == 422
    assert "Line 3, “" in answer.text
    assert "could not match this with any program or site" in answer.text
    assert ">diary\n\n" in answer.text
    assert 'name="app" value="teams" checked' in answer.text
    assert kept(superuser, amira) == ["bank.example"]


def test_P07_a_line_kept_before_lines_were_checked_is_said_to_cover_nothing(
    browse: Browse, person: Callable[..., UUID]
) -> None:
    page = browse(person("Amira Kaya", exclusions=["https://union.example/", "diary"])).get("/settings").text
    assert "<dt>https://union.example/</dt><dd>Nothing: your devices cannot match this." in page
    assert "<dt>diary</dt><dd>the program of this name; each site with this word" in page


def test_a_list_is_bounded(browse: Browse, person: Callable[..., UUID]) -> None:
    browser = browse(person("Amira Kaya"))
    for written in ("\n".join(f"a{number}" for number in range(101)), "x" * 81):
        assert browser.post("/settings/exclusions", {"exclusions": written}).status_code == 422
