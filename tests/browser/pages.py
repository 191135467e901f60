"""Every page a browser can be shown, by name. A new GET address without a line here fails the crawl."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.cast import Cast
from wire.documents import Kind

NOT_PAGES = {
    "static": "files",
    "health.healthz": "for machines",
    "health.metrics": "for machines",
    "health.security_txt": "for machines",
    "identity.sign_in": "leads to the identity provider",
    "home.state": "a part of the first page",
}


@dataclass(frozen=True)
class Shown:
    """A page as one person sees it: its address, and what is done on it before one looks. `who` '': nobody."""

    endpoint: str
    path: Callable[[Cast], str]
    who: str = "amira"
    then: Callable[[Page], None] | None = None
    status: int = 200


def at(path: str) -> Callable[[Cast], str]:
    """The same address for everybody."""
    return lambda cast: path.replace("<day>", cast.day.isoformat())


def of_item(kind: Kind) -> Callable[[Cast], str]:
    """Amira's newest item of a kind."""
    return lambda cast: f"/data/{cast.day.isoformat()}/{cast.items[kind]}"


def _search(page: Page) -> None:
    page.fill("#f-text", "agenda")
    page.press("#f-text", "Enter")
    page.wait_for_selector("#items-title:has-text('agenda')")


def _post(page: Page, form: str, field: str, value: str) -> None:
    """Fill in one field and send the form, whatever the browser would say about the value."""
    page.eval_on_selector(form, "form => { form.noValidate = true }")
    page.fill(f"{form} [name={field}]", value)
    with page.expect_navigation():
        page.click(f"{form} button")


def _add_device(page: Page) -> None:
    _post(page, "form[action$='/settings/devices']", "name", "Workstation 3")


def _name_too_long(page: Page) -> None:
    page.eval_on_selector("#f-name", "field => field.removeAttribute('maxlength')")
    _post(page, "form[action$='/settings/devices']", "name", "x" * 81)


def _too_soon(page: Page) -> None:
    _post(page, "main form", "until", "2020-01-01T10:00")


def _open_all(page: Page) -> None:
    """Every menu and every fold."""
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")


def _save(page: Page) -> None:
    with page.expect_navigation():
        page.click("form[action$='/settings/preferences'] button")


PAGES = {
    "now": Shown("home.now", at("/")),
    "now-stopping": Shown("home.now", at("/"), "paul"),
    "now-opted-out": Shown("home.now", at("/"), "olga"),
    "now-new": Shown("home.now", at("/"), "nina"),
    "now-hr": Shown("home.now", at("/"), "hana"),
    "data": Shown("capture.calendar", at("/data")),
    "data-new": Shown("capture.calendar", at("/data"), "nina"),
    "day": Shown("capture.day", at("/data/<day>")),
    "day-filtered": Shown("capture.day", at("/data/<day>?kind=key&kind=prompt&sensitivity=3")),
    "day-new": Shown("capture.day", at("/data/<day>"), "nina"),
    "day-search": Shown("capture.day", at("/data/<day>"), then=_search),
    **{f"item-{kind}": Shown("capture.item", of_item(kind)) for kind in Kind},
    "item-key-unfolded": Shown("capture.item", of_item(Kind.KEY), then=_open_all),
    "item-click-unfolded": Shown("capture.item", of_item(Kind.CLICK), then=_open_all),
    "day-unfolded": Shown("capture.day", at("/data/<day>"), then=_open_all),
    "looks": Shown("access_log.looks", at("/looks")),
    "looks-new": Shown("access_log.looks", at("/looks"), "nina"),
    "requests": Shown("requests.requests", at("/requests")),
    "requests-new": Shown("requests.requests", at("/requests"), "nina"),
    "delete": Shown("requests.delete", at("/requests/delete?day=<day>")),
    "delete-nothing": Shown("requests.delete", at("/requests/delete?last=today"), "nina"),
    "pauses": Shown("pauses.pauses", at("/pauses")),
    "pauses-new": Shown("pauses.pauses", at("/pauses"), "nina"),
    "pauses-opted-out": Shown("pauses.pauses", at("/pauses"), "olga"),
    "until": Shown("pauses.until", at("/pauses/until")),
    "until-refused": Shown("pauses.until", at("/pauses/until"), then=_too_soon),
    "part": Shown("pauses.part", at("/pauses/part")),
    "weekly": Shown("pauses.weekly", at("/pauses/weekly")),
    "opt-out": Shown("pauses.opt_out", at("/pauses/opt-out")),
    "policy": Shown("policy.policy", at("/policy")),
    "policy-unfolded": Shown("policy.policy", at("/policy"), then=_open_all),
    "policy-new": Shown("policy.policy", at("/policy"), "nina"),
    "settings": Shown("agents.settings", at("/settings")),
    "settings-unfolded": Shown("agents.settings", at("/settings"), then=_open_all),
    "settings-new": Shown("agents.settings", at("/settings"), "nina"),
    "settings-refused": Shown("agents.settings", at("/settings"), then=_name_too_long),
    "settings-saved": Shown("agents.settings", at("/settings"), "hana", then=_save),
    "device-added": Shown("agents.settings", at("/settings"), "hana", then=_add_device),
    "about": Shown("home.about", at("/about")),
    "signed-out": Shown("identity.signed_out", at("/signed-out"), ""),
    "sign-in-over": Shown("identity.callback", at("/sign-in/callback?state=old&code=old"), "", status=400),
    "not-found": Shown("", at("/nothing/here"), "amira", status=404),
}
"""Name → page; each gets screenshots `var/screenshots/<name>-<size>-<theme>-<language>.png`."""
