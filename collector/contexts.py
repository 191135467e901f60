"""Which context a window belongs to, and what is never captured.

The floor is compiled in: the portal and the identity provider, password managers, private windows, other people's
sessions, the collector's own windows. Policy, directive and the person can only add to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from collector import floor
from collector.desktop import Field, Snapshot, Window
from wire.policy import Context


class Why(StrEnum):
    """Why a window has no context."""

    NOT_LISTED = "not_listed"
    UNKNOWN_PAGE = "unknown_page"
    PORTAL = "portal_or_sign_in"
    PASSWORDS = "password_manager"
    PRIVATE = "private_window"
    OTHER_USER = "another_user"
    EXCLUDED = "excluded"
    NO_WINDOW = "no_window"


@dataclass(frozen=True)
class Verdict:
    """The context of a window, or why it has none."""

    context: str | None
    why: Why | None = None


@dataclass(frozen=True)
class Rules:
    """What decides: the policy's contexts in their order, what policy and person exclude, the server's host names."""

    contexts: tuple[Context, ...] = ()
    exclusions: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()


def judge(window: Window | None, rules: Rules) -> Verdict:
    """The window's context: the first listed one that it matches, unless something excludes it."""
    if window is None:
        return Verdict(None, Why.NO_WINDOW)
    excluded = _floor(window, rules) or _excluded(window, rules.exclusions)
    if excluded is not None:
        return Verdict(None, excluded)
    host = host_of(window.url)
    browser = is_browser(window)
    if browser and host is None:
        return Verdict(None, Why.UNKNOWN_PAGE)
    for context in rules.contexts:
        if _listed(context, window, host, browser=browser):
            return Verdict(context.id)
    return Verdict(None, Why.NOT_LISTED)


def keys_allowed(snapshot: Snapshot) -> bool:
    """Whether typing may be seen: no password field, no grabbed keyboard, and in a browser a field known as text."""
    window = snapshot.active
    if window is None or not window.apps or snapshot.grabbed or snapshot.field is Field.PASSWORD:
        return False
    return snapshot.field is Field.TEXT or not is_browser(window)


def is_browser(window: Window) -> bool:
    """Whether the window shows pages: then its page, not its program, decides."""
    return window.url is not None or any(
        app in floor.BROWSERS or app.startswith(("chrom", "firefox")) for app in window.apps
    )


def host_of(url: str | None) -> str | None:
    """The lower-case host name of a web address; None for any other address."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        return None


def site_matches(pattern: str, host: str) -> bool:
    """Whether a host is `pattern`, or for `*.x` is x or lies below x."""
    pattern, host = pattern.lower().rstrip("."), host.rstrip(".")
    if pattern.startswith("*."):
        return host == pattern[2:] or host.endswith(pattern[1:])
    return host == pattern


def server_hosts(urls: Iterable[str]) -> tuple[str, ...]:
    """Patterns for the hosts that belong to the server: each host, and its domain with all below if it has one."""
    hosts = {host for host in map(host_of, urls) if host}
    # gateway.daylight.example.com: the portal and the rest are its siblings below daylight.example.com.
    below = {"*." + host.split(".", 1)[1] for host in hosts if host.count(".") >= 3 and not host[-1].isdigit()}  # noqa: PLR2004
    return tuple(sorted(hosts | below))


def _floor(window: Window, rules: Rules) -> Why | None:
    if not window.own_user:
        return Why.OTHER_USER
    title = window.title.lower()
    if window.private or (is_browser(window) and any(word in title for word in floor.PRIVATE_TITLES)):
        return Why.PRIVATE
    if any(app.removesuffix(".exe") in floor.APPS or app.startswith("pinentry") for app in window.apps):
        return Why.PASSWORDS
    host = host_of(window.url)
    if host is not None and _sign_in(host, rules.hosts):
        return Why.PORTAL
    if is_browser(window) and floor.PORTAL_TITLE in title:
        return Why.PORTAL
    return None


def _sign_in(host: str, hosts: tuple[str, ...]) -> bool:
    return host.partition(".")[0] in floor.SIGN_IN_LABELS or any(
        site_matches(site, host) for site in (*floor.SITES, *hosts)
    )


def _excluded(window: Window, exclusions: frozenset[str]) -> Why | None:
    host = host_of(window.url)
    for entry in exclusions:
        lowered = entry.lower()
        if any(lowered in {app, app.removesuffix(".exe")} for app in window.apps):
            return Why.EXCLUDED
        # A word without a dot, such as "bank", excludes each site that has it among the parts of its name.
        below = host is not None and (site_matches(lowered, host) or site_matches("*." + lowered, host))
        if below or (host is not None and lowered in host.split(".")):
            return Why.EXCLUDED
    return None


def _listed(context: Context, window: Window, host: str | None, *, browser: bool) -> bool:
    if browser:
        return host is not None and any(site_matches(site, host) for site in context.sites)
    apps = {app.lower() for app in context.apps}
    return any(app in apps or app.removesuffix(".exe") in apps for app in window.apps)
