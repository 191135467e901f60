"""Which windows are seen at all: the floor holds against every policy (P07)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import contexts, floor
from collector.contexts import Rules, Why, judge, keys_allowed, server_hosts, site_matches
from collector.desktop import Field, Rect, Window
from tests.collector.world import desk, window
from wire.policy import Context

HOSTS = server_hosts(["https://gateway.daylight.example.com", "https://sso.corp.example"])
EVERYTHING = Context(
    "all", "All", tuple(sorted(floor.APPS | floor.BROWSERS | {"code"})), ("*.com", "*.example", "*.net", "*.me", "*.eu")
)


def rules(*listed: Context, exclusions: frozenset[str] = frozenset()) -> Rules:
    return Rules(listed or (EVERYTHING,), exclusions, HOSTS)


FLOOR = [
    (window("chromium", "Now · Daylight", url="https://daylight.example.com/"), Why.PORTAL),
    (window("chromium", "x", url="https://gateway.daylight.example.com/data"), Why.PORTAL),
    (window("chromium", "x", url="https://other.daylight.example.com/"), Why.PORTAL),
    (window("firefox", "x", url="https://sso.corp.example/login"), Why.PORTAL),
    (window("firefox", "x", url="https://login.microsoftonline.com/x"), Why.PORTAL),
    (window("firefox", "x", url="https://accounts.google.com/"), Why.PORTAL),
    (window("firefox", "x", url="https://login.anything.com/"), Why.PORTAL),
    (window("chromium", "Your data - Daylight", url="https://elsewhere.com/"), Why.PORTAL),
    (window("chromium", "x", url="https://vault.bitwarden.com/"), Why.PORTAL),
    (window("keepassxc", "Passwords"), Why.PASSWORDS),
    (window("pinentry-gtk-2", ""), Why.PASSWORDS),
    (window("KeePass.exe".lower(), ""), Why.PASSWORDS),
    (window("chromium", "New Incognito tab - Chromium", url="https://a.com/"), Why.PRIVATE),
    (window("firefox", "x", url="https://a.com/", private=True), Why.PRIVATE),
    (window("code", "x", own_user=False), Why.OTHER_USER),
]


@pytest.mark.parametrize(("shown", "why"), FLOOR)
def test_P07_the_floor_is_never_seen_though_the_policy_lists_everything(shown: Window, why: Why) -> None:
    assert judge(shown, rules()) == contexts.Verdict(None, why)


words = st.text(string.ascii_lowercase + ".*-", max_size=12)
policies = st.lists(
    st.builds(
        Context,
        words,
        words,
        st.lists(words | st.sampled_from(sorted(floor.APPS)), max_size=4).map(tuple),
        st.lists(words | st.sampled_from(["*.com", "*.example.com", "daylight.example.com"]), max_size=4).map(tuple),
    ),
    max_size=6,
)


@given(policies, st.sampled_from([shown for shown, _ in FLOOR]))
def test_P07_no_policy_takes_anything_from_the_floor(listed: list[Context], shown: Window) -> None:
    assert judge(shown, Rules(tuple(listed), frozenset(), HOSTS)).context is None


@given(policies, st.frozensets(words, max_size=5), words, words)
def test_P07_exclusions_only_ever_take_away(listed: list[Context], out: frozenset[str], app: str, host: str) -> None:
    for shown in (window(app, "x"), window("firefox", "x", url=f"https://{host}.com/")):
        before = judge(shown, Rules(tuple(listed), frozenset(), HOSTS))
        after = judge(shown, Rules(tuple(listed), out, HOSTS))
        assert after.context in {before.context, None}


@pytest.mark.parametrize("entry", ["code", "CODE", "wiki.example.com", "example.com", "*.example.com", "wiki"])
def test_personal_exclusions_hold(entry: str) -> None:
    app, page = window("code", "x"), window("firefox", "x", url="https://wiki.example.com/a")
    excluded = rules(exclusions=frozenset({entry}))
    assert judge(app, rules()).context == judge(page, rules()).context == "all"
    assert Why.EXCLUDED in {judge(app, excluded).why, judge(page, excluded).why}


def test_a_browser_is_judged_by_its_page_never_by_its_program() -> None:
    assert judge(window("chromium", "x"), rules()) == contexts.Verdict(None, Why.UNKNOWN_PAGE)
    assert judge(window("chromium", "x", url="file:///etc/passwd"), rules()).why is Why.UNKNOWN_PAGE
    listed = Context("wiki", "Wiki", ("chromium",), ("wiki.example.com",))
    assert judge(window("chromium", "x", url="https://mail.example.com/"), rules(listed)).why is Why.NOT_LISTED
    assert judge(window("chromium", "x", url="https://WIKI.example.com:8443/a"), rules(listed)).context == "wiki"


def test_a_window_belongs_to_the_first_context_that_it_matches() -> None:
    first, second = Context("one", "1", ("code",), ()), Context("two", "2", ("code",), ())
    assert judge(window("code"), rules(first, second)).context == "one"
    assert judge(window("code"), rules(second, first)).context == "two"


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", True),
        ("*.example.com", "badexample.com", False),
        ("example.com", "www.example.com", False),
        ("Example.com.", "example.com", True),
    ],
)
def test_sites_match_by_whole_labels(pattern: str, host: str, matches: bool) -> None:  # noqa: FBT001
    assert site_matches(pattern, host) is matches


def test_keys_need_a_known_field_in_a_browser_and_no_password_anywhere() -> None:
    page = window("chromium", "x", url="https://wiki.example.com/")
    for shown, field, allowed in (
        (page, Field.TEXT, True),
        (page, Field.UNKNOWN, False),
        (page, Field.PASSWORD, False),
        (window("chrome-app", "x"), Field.UNKNOWN, False),
        (window("code"), Field.UNKNOWN, True),
        (window("code"), Field.PASSWORD, False),
        (window("code", apps=()), Field.TEXT, False),
        (None, Field.TEXT, False),
    ):
        assert keys_allowed(desk(shown, field=field)) is allowed
        assert not keys_allowed(desk(shown, field=field, grabbed=True))


def test_the_topmost_window_under_a_point_counts() -> None:
    below, above = window("code"), window("chat", id=2, rect=Rect(10, 10, 5, 5))
    snapshot = desk(above, below)
    assert snapshot.at(12, 12) == above
    assert snapshot.at(15, 15) == below
    assert desk(below).at(5000, 5000) is None
