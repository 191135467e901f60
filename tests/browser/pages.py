"""Every page a browser can be shown, by name. A new GET address without a line here fails the crawl."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.cast import Cast
from wire.documents import Kind

STOP_FILES = ("record_csv", "record_json", "resume_document")
NOT_PAGES = {
    "static": "files",
    "deletion_receipts.receipt_json": "a file to keep",
    "deletion_receipts.receipt_pdf_file": "a file to keep",
    **{f"{desk}_stops.{name}": "a file to keep" for desk in ("officer", "council") for name in STOP_FILES},
    **{f"{desk}_stops.effect": "a part of the page of a stop" for desk in ("officer", "council")},
    **{f"{desk}_rollouts.progress": "a part of the page of a rollout" for desk in ("officer", "council")},
    "health.healthz": "for machines",
    "health.metrics": "for machines",
    "health.security_txt": "for machines",
    "identity.sign_in": "leads to the identity provider",
    "home.state": "a part of the first page",
    "policy_desk.yaml_file": "a file to keep",
    "council_policies.bundle": "a file to keep",
    "officer_signing.bundle": "a file to keep",
    "signing.file": "a file to keep, tested in tests/signing",
    "signing.trust_document": "a file to keep",
    "signing.policy": "a file to keep",
    "council.report": "a file to keep",
    "statistics.report": "a file to keep",
    "petition_writing.similar": "a part of the form of a petition",
    "requests.progress": "a part of the page of a request",
    "delegates.progress": "a part of the page of a request",
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


def of_request(name: str, part: str = "") -> Callable[[Cast], str]:
    """The desk's page of a request."""
    return lambda cast: f"/hr/requests/{cast.desk[name]}{part}"


def of_draft(state: str, part: str = "") -> Callable[[Cast], str]:
    """The officer's page of a draft."""
    return lambda cast: f"/officer/policies/{cast.drafts[state]}{part}"


def of_waiting(part: str = "") -> Callable[[Cast], str]:
    """The council's page of the draft that waits for signatures."""
    return lambda cast: f"/council/policies/{cast.waiting}{part}"


def _sign_nonsense(page: Page) -> None:
    page.eval_on_selector("form[action$='/sign'] details", "fold => { fold.open = true }")
    _post(page, "form[action$='/sign']", "envelope", "{}")


def _write_nonsense(page: Page) -> None:
    page.fill("[name='rules.key.sampling']", "1001")
    page.fill("[name=ends]", "2020-01-01T00:00")
    with page.expect_navigation():
        page.click("form[action$='/edit'] button.primary")


def _write_no_yaml(page: Page) -> None:
    _post(page, "form[action$='/yaml']", "text", "audience: &everybody all\nrules: *everybody")


def _try_a_sample(page: Page) -> None:
    _post(page, "form[action$='/bench']", "text", "Ana\nDE89 3704 0044 0532 0130 00\nMy asthma is back.")


def of_stop(desk: str, name: str) -> Callable[[Cast], str]:
    """A desk's page of a stop for all."""
    return lambda cast: f"/{desk}/stops/{cast.stops[name]}"


def _say_no_reason(page: Page) -> None:
    _post(page, "form[action$='/check']", "reason", " ")


def _go_on_to_stop(page: Page) -> None:
    _post(page, "form[action$='/check']", "reason", "Tax numbers were found.")


def _hand_in_nothing(page: Page) -> None:
    _post(page, "form[action$='/resume']", "signed", "{}")


def of_release(query: str, desk: str = "council") -> Callable[[Cast], str]:
    """The newest week, as the council or an employee reads it."""
    return lambda cast: f"/{desk}/releases/{cast.release}{query}"


def of_petition(name: str, path: str = "/petitions/{}") -> Callable[[Cast], str]:
    """The petition that stands so."""
    return lambda cast: path.format(cast.petitions[name])


def _make_card(page: Page) -> None:
    page.click("button[data-act=make]")
    page.wait_for_selector("[data-ballot]:not([aria-busy])")


def _sign_unnamed(page: Page) -> None:
    """The same card in each crawl: its code is entered, and gives the same token again."""
    page.wait_for_selector("[data-ballot][data-settled]")
    _open_all(page)
    page.fill("#ballot-code", "C1AR" * 6)
    page.click("[data-ballot] form button")
    page.click("button[data-act=sign]")
    page.wait_for_selector("[data-qr] svg", state="attached")
    _open_all(page)


def _start_similar(page: Page) -> None:
    page.fill("#write [name=title]", "Stop screenshots in design tools")
    page.fill("#write [name=demand]", "No more screenshots.")
    page.fill("#write [name=reasons]", "Because of our clients.")
    with page.expect_navigation():
        page.click("#write button.primary")


def _start_wrong(page: Page) -> None:
    _post(page, "#write", "title", "x")


def _save_draft(page: Page) -> None:
    page.fill("#write [name=title]", "Half a title")
    with page.expect_navigation():
        page.click("#write button[formaction]")


def _reject_wrong(page: Page) -> None:
    _open_all(page)
    _post(page, "main form[action$='/reject']", "words", "x")


def _answer_wrong(page: Page) -> None:
    _post(page, "main form[action$='/answer']", "words", "x")


def _name_two_words(page: Page) -> None:
    _post(page, "main form[action$='/shown']", "handle", "two words")


def _check_nothing(page: Page) -> None:
    _post(page, "main form[action$='/handover']", "checked", " ")


def _say_nothing(page: Page) -> None:
    page.eval_on_selector("#act-say", "fold => { fold.open = true }")
    _post(page, "#act-say form", "words", " ")


def _choose_first(page: Page) -> None:
    with page.expect_navigation():
        page.click("table a >> nth=0")


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
    _post(page, "main form[action$='/settings/delegates']", "email", "nobody@daylight.example")


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


STATES = ("open", "asked_back", "approved", "running", "refused", "partial", "done", "withdrawn")
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
    "requests-none": Shown("requests.requests", at("/requests?show=over&type=port")),
    "deletions": Shown("requests.deletions", at("/requests/deletions")),
    "deletions-new": Shown("requests.deletions", at("/requests/deletions"), "nina"),
    "ask": Shown("asking.new", at("/requests/new")),
    "ask-new": Shown("asking.new", at("/requests/new"), "nina"),
    "ask-narrowed": Shown("asking.new", at("/requests/new"), then=_narrow),
    "ask-wrong": Shown("asking.new", at("/requests/new?type=rectify"), then=_send_wrong),
    "draft": Shown("asking.draft", of_asked("draft", "/requests/drafts/{}")),
    **{f"request-{state}": Shown("requests.one", of_asked(state)) for state in STATES},
    "request-open-unfolded": Shown("requests.one", of_asked("open"), then=_open_all),
    "request-refused-unfolded": Shown("requests.one", of_asked("refused"), then=_open_all),
    "request-not-mine": Shown("requests.one", of_asked("open"), "nina", status=404),
    "delegates": Shown("delegates.delegates", at("/settings/delegates")),
    "delegates-new": Shown("delegates.delegates", at("/settings/delegates"), "nina"),
    "delegates-wrong": Shown("delegates.delegates", at("/settings/delegates"), then=_name_nobody),
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
    "policy-unfolded": Shown("policy.policy", at("/policy"), then=_open_all),
    "policy-new": Shown("policy.policy", at("/policy"), "nina"),
    "settings": Shown("agents.settings", at("/settings")),
    "settings-unfolded": Shown("agents.settings", at("/settings"), then=_open_all),
    "settings-new": Shown("agents.settings", at("/settings"), "nina"),
    "settings-refused": Shown("agents.settings", at("/settings"), then=_name_too_long),
    "settings-saved": Shown("agents.settings", at("/settings"), "hana", then=_save),
    "device-added": Shown("agents.settings", at("/settings"), "hana", then=_add_device),
    "petitions": Shown("petitions.petitions", at("/petitions")),
    "petition-open": Shown("petitions.one", of_petition("open"), "ben"),
    "petition-card": Shown("petitions.one", of_petition("open"), "nina", then=_make_card),
    "petition-unnamed": Shown("petitions.one", of_petition("open"), "clara", then=_sign_unnamed),
    "petition-awaiting": Shown("petitions.one", of_petition("awaiting")),
    "petition-answered": Shown("petitions.one", of_petition("answered"), then=_open_all),
    "petition-rejected": Shown("petitions.one", of_petition("rejected")),
    "petition-none": Shown("petitions.one", at("/petitions/00000000-0000-4000-8000-000000000000"), status=404),
    "petitions-how": Shown("petitions.how", at("/petitions/how")),
    "petition-new": Shown("petition_writing.new", at("/petitions/new")),
    "petition-similar": Shown("petition_writing.new", at("/petitions/new"), then=_start_similar),
    "petition-wrong": Shown("petition_writing.new", at("/petitions/new"), then=_start_wrong),
    "petition-draft-saved": Shown("petition_writing.new", at("/petitions/new"), "ben", then=_save_draft),
    "petition-draft": Shown("petition_writing.draft", of_petition("draft", "/petitions/drafts/{}")),
    "council-agenda": Shown("council_petitions.agenda", at("/council/petitions"), "clara"),
    "council-petition": Shown("council_petitions.one", of_petition("threshold", "/council/petitions/{}"), "clara"),
    "council-petition-wrong": Shown(
        "council_petitions.one", of_petition("threshold", "/council/petitions/{}"), "clara", then=_reject_wrong
    ),
    "officer-petitions": Shown("officer_petitions.answers", at("/officer/petitions"), "omar"),
    "officer-petition": Shown("officer_petitions.one", of_petition("awaiting", "/officer/petitions/{}"), "omar"),
    "officer-petition-wrong": Shown(
        "officer_petitions.one", of_petition("awaiting", "/officer/petitions/{}"), "omar", then=_answer_wrong
    ),
    "hr": Shown("hr.queue", at("/hr"), "hana"),
    "hr-filtered": Shown("hr.queue", at("/hr?type=access&urgent=over"), "hana"),
    "hr-finished": Shown("hr.queue", at("/hr?state=refused"), "hana"),
    "hr-open": Shown("hr.one", of_request("open"), "hana"),
    "hr-unfolded": Shown("hr.one", of_request("twin"), "hana", then=_open_all),
    "hr-proposed": Shown("hr.one", of_request("proposed"), "hana"),
    "hr-running": Shown("hr.one", of_request("running"), "hana", then=_open_all),
    "hr-asked-back": Shown("hr.one", of_request("asked_back"), "hana", then=_open_all),
    "hr-refused": Shown("hr.one", of_request("refused"), "hana"),
    "hr-nothing-written": Shown("hr.one", of_request("open"), "hana", then=_say_nothing, status=200),
    "hr-decide": Shown("hr.decide", of_request("open", "/decide"), "hana", then=_open_all),
    "hr-confirm": Shown("hr.confirm", of_request("proposed", "/confirm"), "hana"),
    "hr-hold": Shown("hr.hold", of_request("open", "/hold"), "hana"),
    "check": Shown("reconciliation.check", at("/data/<day>/check")),
    "officer-check": Shown("officer_reconciliation.officer", at("/officer/reconciliation"), "omar"),
    "council-check": Shown("council_reconciliation.council", at("/council/reconciliation"), "clara"),
    "hr-held": Shown("hr.held", at("/hr/held"), "hana"),
    "hr-release": Shown("hr.release", lambda cast: f"/hr/holds/{cast.hold}/release", "hana"),
    "hr-extended": Shown("hr.extended", at("/hr/extended"), "hana"),
    "handover": Shown("handovers.handover", of_request("copy", "/handover"), "hana"),
    "handover-nothing-checked": Shown(
        "handovers.handover", of_request("copy", "/handover"), "hana", then=_check_nothing
    ),
    "handover-waits": Shown("handovers.handover", of_request("waits", "/handover"), "hana"),
    "handover-made": Shown("handovers.handover", of_request("fetch", "/handover"), "hana"),
    "handover-none": Shown("handovers.handover", of_request("open", "/handover"), "hana", status=404),
    "hr-copy": Shown("hr.one", of_request("copy"), "hana"),
    "pickup": Shown("pickup.pickup", lambda cast: f"/pickup/{cast.link}", ""),
    "pickup-unknown": Shown("pickup.pickup", at("/pickup/unknown"), "", status=404),
    "hr-laws": Shown("hr.laws", at("/hr/laws"), "hana"),
    "hr-bulk": Shown(
        "hr.bulk", lambda cast: "/hr/bulk?act=extend" + "".join(f"&number={one}" for one in cast.desk.values()), "hana"
    ),
    "hr-bulk-nothing": Shown("hr.bulk", at("/hr/bulk?act=assign"), "hana"),
    "hr-start": Shown("hr.start", at("/hr/requests/new?q=gone"), "hana"),
    "hr-start-form": Shown("hr.start", at("/hr/requests/new?q=gone"), "hana", then=_choose_first),
    "policies": Shown("policy_desk.drafts", at("/officer/policies"), "omar"),
    "policy-draft": Shown("policy_desk.one", of_draft("open"), "omar"),
    "policy-draft-submitted": Shown("policy_desk.one", of_draft("submitted"), "omar", then=_open_all),
    "policy-draft-withdrawn": Shown("policy_desk.one", of_draft("withdrawn"), "omar"),
    "policy-edit": Shown("policy_desk.edit", of_draft("open", "/edit"), "omar"),
    "policy-edit-wrong": Shown("policy_desk.edit", of_draft("open", "/edit"), "omar", then=_write_nonsense),
    "policy-yaml": Shown("policy_desk.yaml", of_draft("open", "/yaml"), "omar"),
    "policy-yaml-wrong": Shown("policy_desk.yaml", of_draft("open", "/yaml"), "omar", then=_write_no_yaml),
    "policy-yaml-frozen": Shown("policy_desk.yaml", of_draft("submitted", "/yaml"), "omar"),
    "policy-bench": Shown("policy_desk.bench_form", of_draft("open", "/bench"), "omar"),
    "policy-bench-tried": Shown("policy_desk.bench_form", of_draft("open", "/bench"), "omar", then=_try_a_sample),
    "council-policies": Shown("council_policies.waiting", at("/council/policies"), "clara"),
    "council-policy": Shown("council_policies.one", of_waiting(), "clara", then=_open_all),
    "council-sign": Shown("council_policies.sign", of_waiting("/sign"), "clara"),
    "council-sign-wrong": Shown("council_policies.sign", of_waiting("/sign"), "clara", then=_sign_nonsense),
    "council-reject": Shown("council_policies.reject", of_waiting("/reject"), "clara"),
    "council-conditions": Shown("council_policies.conditions", of_waiting("/conditions"), "clara"),
    "council-clauses": Shown("council_policies.clauses", at("/council/policies/clauses"), "clara"),
    "officer-sign": Shown("officer_signing.sign", lambda cast: f"/officer/signing/{cast.waiting}", "omar"),
    "now-stopped": Shown("home.now", at("/"), "sara", then=_open_all),
    "looks-stopped": Shown("access_log.looks", at("/looks"), "sara"),
    "officer-rollouts": Shown("officer_rollouts.rollouts", at("/officer/rollouts"), "omar"),
    "officer-rollout": Shown("officer_rollouts.one", lambda cast: f"/officer/rollouts/{cast.rollout}", "omar"),
    "council-rollouts": Shown("council_rollouts.rollouts", at("/council/rollouts"), "clara"),
    "council-rollout": Shown("council_rollouts.one", lambda cast: f"/council/rollouts/{cast.rollout}", "clara"),
    "officer-stops": Shown("officer_stops.stops", at("/officer/stops"), "omar"),
    "officer-stop-new": Shown("officer_stops.new", at("/officer/stops/new"), "omar"),
    "officer-stop-wrong": Shown("officer_stops.new", at("/officer/stops/new"), "omar", then=_say_no_reason),
    "officer-stop-confirm": Shown("officer_stops.new", at("/officer/stops/new"), "omar", then=_go_on_to_stop),
    "officer-stop": Shown("officer_stops.one", of_stop("officer", "open"), "omar", then=_open_all),
    "officer-stop-over": Shown("officer_stops.one", of_stop("officer", "over"), "omar"),
    "officer-stop-unsigned": Shown("officer_stops.one", of_stop("officer", "open"), "omar", then=_hand_in_nothing),
    "council-stops": Shown("council_stops.stops", at("/council/stops"), "clara"),
    "council-stop-new": Shown("council_stops.new", at("/council/stops/new"), "clara"),
    "council-stop": Shown("council_stops.one", of_stop("council", "open"), "clara", then=_open_all),
    "council": Shown("council.front", at("/council"), "clara"),
    "council-unfolded": Shown("council.front", at("/council?span=month"), "clara", then=_open_all),
    "council-site": Shown("council.one", of_release("?site=Berlin&show=items"), "clara"),
    "council-department": Shown("council.one", of_release("?site=Berlin&department=Engineering"), "clara"),
    "council-by-department": Shown("council.one", of_release("?by=department&show=hours"), "clara", then=_open_all),
    "council-nowhere": Shown("council.one", of_release("?site=Nowhere"), "clara", status=404),
    "council-evidence": Shown("council.evidence", at("/council/evidence"), "clara", then=_open_all),
    "statistics": Shown("statistics.front", at("/statistics")),
    "statistics-country": Shown("statistics.one", of_release("?country=DE", "statistics"), "nina"),
    "about": Shown("home.about", at("/about")),
    "signed-out": Shown("identity.signed_out", at("/signed-out"), ""),
    "sign-in-over": Shown("identity.callback", at("/sign-in/callback?state=old&code=old"), "", status=400),
    "not-found": Shown("", at("/nothing/here"), "amira", status=404),
}
"""Name → page; each gets screenshots `var/screenshots/<name>-<size>-<theme>-<language>.png`."""
