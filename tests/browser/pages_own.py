"""The pages that everybody has, and those without a person."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.cast import Cast
from tests.browser.shown import Shown, at, of_petition, of_release, open_all, post
from wire.documents import Kind


def of_item(kind: Kind, part: str = "") -> Callable[[Cast], str]:
    """Amira's newest item of a kind."""
    return lambda cast: f"/data/{cast.day.isoformat()}/{cast.items[kind]}{part}"


def of_export(name: str) -> Callable[[Cast], str]:
    """One of Amira's exports."""
    return lambda cast: f"/exports/{cast.exports[name]}"


def _export_without_a_range(page: Page) -> None:
    page.check("input[name=scope][value=range]")
    with page.expect_navigation():
        page.click("form[action$='/exports'] button")


def of_asked(state: str, path: str = "/requests/{}") -> Callable[[Cast], str]:
    """Amira's request that is in this state."""
    return lambda cast: path.format(cast.asked[state], acting=cast.acting)


def for_amira(path: str = "") -> Callable[[Cast], str]:
    """Where Hana acts for Amira."""
    return lambda cast: f"/requests/for/{cast.acting}{path}"


def _make_card(page: Page) -> None:
    page.click("button[data-act=make]")
    page.wait_for_selector("[data-ballot]:not([aria-busy])")


def _sign_unnamed(page: Page) -> None:
    """The same card in each crawl: its code is entered, and gives the same token again."""
    page.wait_for_selector("[data-ballot][data-settled]")
    open_all(page)
    page.fill("#ballot-code", "C1AR" * 6)
    page.click("[data-ballot] form button")
    page.click("button[data-act=sign]")
    page.wait_for_selector("[data-qr] svg", state="attached")
    open_all(page)


def _start_similar(page: Page) -> None:
    page.fill("#write [name=title]", "Stop screenshots in design tools")
    page.fill("#write [name=demand]", "No more screenshots.")
    page.fill("#write [name=reasons]", "Because of our clients.")
    with page.expect_navigation():
        page.click("#write button.primary")


def _start_wrong(page: Page) -> None:
    post(page, "#write", "title", "x")


def _save_draft(page: Page) -> None:
    page.fill("#write [name=title]", "Half a title")
    with page.expect_navigation():
        page.click("#write button[formaction]")


def _name_two_words(page: Page) -> None:
    post(page, "main form[action$='/shown']", "handle", "two words")


def _search(page: Page) -> None:
    page.fill("#f-text", "agenda")
    page.press("#f-text", "Enter")
    page.wait_for_selector("#items-title:has-text('agenda')")


def _narrow(page: Page) -> None:
    """As one narrows, what it concerns is counted anew."""
    with page.expect_response("**/requests/preview"):
        page.check("#ask [name=kind][value=key]")
    page.wait_for_function("!document.querySelector('.htmx-request')")


def _send_wrong(page: Page) -> None:
    page.fill("#ask [name=from]", "2026-11-21T10:00")
    with page.expect_navigation():
        page.click("#ask button.primary")


def _name_nobody(page: Page) -> None:
    page.fill("main form [name=until]", "2020-01-01")
    post(page, "main form[action$='/settings/delegates']", "email", "nobody@daylight.example")


def _add_device(page: Page) -> None:
    post(page, "form[action$='/settings/devices']", "name", "Workstation 3")


def _name_too_long(page: Page) -> None:
    page.eval_on_selector("#f-name", "field => field.removeAttribute('maxlength')")
    post(page, "form[action$='/settings/devices']", "name", "x" * 81)


def _too_soon(page: Page) -> None:
    post(page, "main form", "until", "2020-01-01T10:00")


def _save(page: Page) -> None:
    with page.expect_navigation():
        page.click("form[action$='/settings/preferences'] button")


STATES = ("open", "asked_back", "approved", "running", "refused", "partial", "done", "withdrawn")


def _wrong_item(cast: Cast) -> str:
    return f"/incidents?item={cast.items[Kind.KEY]}&day={cast.day.isoformat()}"


def _raise_shortly(page: Page) -> None:
    post(page, "main form[action$='/incidents']", "text", "x")


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
    "item-key-unfolded": Shown("capture.item", of_item(Kind.KEY), then=open_all),
    "item-click-unfolded": Shown("capture.item", of_item(Kind.CLICK), then=open_all),
    "day-unfolded": Shown("capture.day", at("/data/<day>"), then=open_all),
    "looks": Shown("access_log.looks", at("/looks")),
    "looks-new": Shown("access_log.looks", at("/looks"), "nina"),
    "requests": Shown("requests.requests", at("/requests")),
    "requests-new": Shown("requests.requests", at("/requests"), "nina"),
    "requests-none": Shown("requests.requests", at("/requests?show=over&type=port")),
    "deletions": Shown("requests.deletions", at("/requests/deletions")),
    "expired": Shown("requests.expired", at("/requests/expired")),
    "deletions-new": Shown("requests.deletions", at("/requests/deletions"), "nina"),
    "ask": Shown("asking.new", at("/requests/new")),
    "ask-new": Shown("asking.new", at("/requests/new"), "nina"),
    "ask-narrowed": Shown("asking.new", at("/requests/new"), then=_narrow),
    "ask-wrong": Shown("asking.new", at("/requests/new?type=rectify"), then=_send_wrong),
    "draft": Shown("asking.draft", of_asked("draft", "/requests/drafts/{}")),
    **{f"request-{state}": Shown("requests.one", of_asked(state)) for state in STATES},
    "request-open-unfolded": Shown("requests.one", of_asked("open"), then=open_all),
    "request-refused-unfolded": Shown("requests.one", of_asked("refused"), then=open_all),
    "request-not-mine": Shown("requests.one", of_asked("open"), "nina", status=404),
    "delegates": Shown("delegates.delegates", at("/settings/delegates")),
    "delegates-new": Shown("delegates.delegates", at("/settings/delegates"), "nina"),
    "delegates-wrong": Shown("delegates.delegates", at("/settings/delegates"), then=_name_nobody),
    "incidents": Shown("incidents.incidents", at("/incidents")),
    "incidents-none": Shown("incidents.incidents", at("/incidents"), "nina"),
    "incidents-item": Shown("incidents.incidents", _wrong_item),
    "incidents-wrong": Shown("incidents.incidents", at("/incidents"), then=_raise_shortly),
    "naming": Shown("bystanders.naming", of_item(Kind.PROMPT, "/shown")),
    "naming-nobody": Shown("bystanders.naming", of_item(Kind.CLICK, "/shown")),
    "naming-wrong": Shown("bystanders.naming", of_item(Kind.CLICK, "/shown"), then=_name_two_words),
    "shown": Shown("bystanders.shown", at("/shown"), "nina"),
    "shown-nothing": Shown("bystanders.shown", at("/shown")),
    "shown-one": Shown("bystanders.one", lambda cast: f"/shown/{cast.shown}", "nina"),
    "shown-not-mine": Shown("bystanders.one", lambda cast: f"/shown/{cast.shown}", status=404),
    "for": Shown("delegates.people", at("/requests/for"), "hana"),
    "for-nobody": Shown("delegates.people", at("/requests/for"), "nina"),
    "for-amira": Shown("delegates.requests_of", for_amira(), "hana"),
    "for-amira-new": Shown("delegates.new", for_amira("/new"), "hana"),
    "for-amira-one": Shown("delegates.one", of_asked("asked_back", "/requests/for/{acting}/{}"), "hana"),
    "delete-older": Shown("deletion.delete", at("/requests/delete?from=2020-01-01T00:00&to=2100-01-01T00:00")),
    "delete": Shown("deletion.delete", at("/requests/delete?day=<day>")),
    "delete-nothing": Shown("deletion.delete", at("/requests/delete?last=today"), "nina"),
    "exports": Shown("exports.exports", at("/exports")),
    "exports-new": Shown("exports.exports", at("/exports"), "nina"),
    "exports-refused": Shown("exports.exports", at("/exports"), "nina", then=_export_without_a_range),
    "export-ready": Shown("exports.export", of_export("ready")),
    "export-running": Shown("exports.export", of_export("running")),
    "export-failed": Shown("exports.export", of_export("failed")),
    "pauses": Shown("pauses.pauses", at("/pauses")),
    "pauses-new": Shown("pauses.pauses", at("/pauses"), "nina"),
    "pauses-opted-out": Shown("pauses.pauses", at("/pauses"), "olga"),
    "until": Shown("pauses.until", at("/pauses/until")),
    "until-refused": Shown("pauses.until", at("/pauses/until"), then=_too_soon),
    "part": Shown("pauses.part", at("/pauses/part")),
    "weekly": Shown("pauses.weekly", at("/pauses/weekly")),
    "opt-out": Shown("pauses.opt_out", at("/pauses/opt-out")),
    "policy": Shown("policy.policy", at("/policy")),
    "policy-unfolded": Shown("policy.policy", at("/policy"), then=open_all),
    "policy-new": Shown("policy.policy", at("/policy"), "nina"),
    "settings": Shown("agents.settings", at("/settings")),
    "settings-unfolded": Shown("agents.settings", at("/settings"), then=open_all),
    "settings-new": Shown("agents.settings", at("/settings"), "nina"),
    "settings-refused": Shown("agents.settings", at("/settings"), then=_name_too_long),
    "settings-saved": Shown("agents.settings", at("/settings"), "hana", then=_save),
    "device-added": Shown("agents.settings", at("/settings"), "hana", then=_add_device),
    "petitions": Shown("petitions.petitions", at("/petitions")),
    "petition-open": Shown("petitions.one", of_petition("open"), "ben"),
    "petition-card": Shown("petitions.one", of_petition("open"), "nina", then=_make_card),
    "petition-unnamed": Shown("petitions.one", of_petition("open"), "clara", then=_sign_unnamed),
    "petition-awaiting": Shown("petitions.one", of_petition("awaiting")),
    "petition-answered": Shown("petitions.one", of_petition("answered"), then=open_all),
    "petition-rejected": Shown("petitions.one", of_petition("rejected")),
    "petition-none": Shown("petitions.one", at("/petitions/00000000-0000-4000-8000-000000000000"), status=404),
    "petitions-how": Shown("petitions.how", at("/petitions/how")),
    "petition-new": Shown("petition_writing.new", at("/petitions/new")),
    "petition-similar": Shown("petition_writing.new", at("/petitions/new"), then=_start_similar),
    "petition-wrong": Shown("petition_writing.new", at("/petitions/new"), then=_start_wrong),
    "petition-draft-saved": Shown("petition_writing.new", at("/petitions/new"), "ben", then=_save_draft),
    "petition-draft": Shown("petition_writing.draft", of_petition("draft", "/petitions/drafts/{}")),
    "check": Shown("reconciliation.check", at("/data/<day>/check")),
    "now-stopped": Shown("home.now", at("/"), "sara", then=open_all),
    "looks-stopped": Shown("access_log.looks", at("/looks"), "sara"),
    "statistics": Shown("statistics.front", at("/statistics")),
    "statistics-country": Shown("statistics.one", of_release("?country=DE", "statistics"), "nina"),
    "about": Shown("home.about", at("/about")),
    "signed-out": Shown("identity.signed_out", at("/signed-out"), ""),
    "sign-in-over": Shown("identity.callback", at("/sign-in/callback?state=old&code=old"), "", status=400),
    "not-found": Shown("", at("/nothing/here"), "amira", status=404),
}
