"""Every page by name: its template and its sample data."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.templates import samples as home
from tests.templates import samples_data as data
from tests.templates import samples_pages as pages

PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "home": ("home/now.html", home.home),
    "home-stopping": ("home/now.html", lambda: home.home(state=home.stopping())),
    "home-paused": ("home/now.html", lambda: home.home(state=home.paused())),
    "home-opted-out": ("home/now.html", lambda: home.home(state=home.state(status="paused", can_resume=True))),
    "home-unknown": ("home/now.html", lambda: home.home(state=home.state(status="unknown"))),
    "home-off": ("home/now.html", lambda: home.home(state=home.state(status="off"))),
    "home-empty": ("home/now.html", home.empty_home),
    "calendar": ("data/calendar.html", data.calendar),
    "calendar-empty": ("data/calendar.html", lambda: data.calendar() | {"items": 0, "days": 0, "months": []}),
    "day": ("data/day.html", data.one_day),
    "day-nothing": ("data/day.html", data.nothing_found),
    **{f"item-{kind}": ("data/item.html", partial(data.item, kind)) for kind in data.KINDS},
    "item-problem": ("data/item.html", lambda: data.item("key", content=None, problem="The vault does not answer.")),
    "looks": ("looks/looks.html", pages.looks),
    "looks-empty": ("looks/looks.html", pages.no_looks),
    "policy": ("policy/policy.html", pages.policy),
    "policy-empty": ("policy/policy.html", lambda: pages.policy(devices=[])),
    "settings": ("settings/settings.html", pages.settings),
    "settings-empty": ("settings/settings.html", lambda: pages.settings(devices=[], exclusions=[], errors={})),
    "device-added": ("settings/device_added.html", pages.added),
    "device-added-opamp": ("settings/device_added.html", lambda: pages.added(code="", token="t" * 43, expires_at=None)),
    "requests": ("requests/requests.html", pages.requests),
    "requests-empty": ("requests/requests.html", pages.no_requests),
    "delete": ("requests/delete.html", pages.deletion),
    "delete-nothing": ("requests/delete.html", lambda: pages.deletion(items=0, problem="It is too old.")),
    "pauses": ("pauses/pauses.html", pages.pauses),
    "pauses-empty": ("pauses/pauses.html", lambda: {"pauses": []}),
    "until": ("pauses/until.html", partial(pages.pause_form, wrong=True)),
    "part": ("pauses/part.html", pages.pause_form),
    "weekly": ("pauses/weekly.html", pages.weekly_form),
    "opt-out": ("pauses/opt_out.html", dict),
    "about": ("about/about.html", pages.about),
    "about-empty": ("about/about.html", lambda: {"policy": None, "contacts": []}),
    "error": ("errors/error.html", pages.error),
    "signed-out": ("identity/signed_out.html", lambda: {"why": "signed_out"}),
    "first": ("identity/signed_out.html", lambda: {"why": "first"}),
}
CURRENT = {
    "home": "home.now",
    "calendar": "capture.calendar",
    "day": "capture.calendar",
    "item": "capture.calendar",
    "looks": "access_log.looks",
    "policy": "policy.policy",
    "requests": "requests.requests",
    "delete": "requests.requests",
    "pauses": "pauses.pauses",
    "until": "pauses.pauses",
}
SIGNED_OUT = frozenset({"error", "signed-out", "first"})
FRAGMENTS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "state": ("home/_state.html", lambda: {"state": home.stopping()}),
    "items": ("data/_items.html", data.items),
    "items-nothing": ("data/_items.html", data.nothing_found),
}
