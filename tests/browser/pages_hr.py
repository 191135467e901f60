"""The pages of HR's desk, and what it hands over."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.cast import Cast
from tests.browser.shown import Shown, at, open_all, post


def of_request(name: str, part: str = "") -> Callable[[Cast], str]:
    """The desk's page of a request."""
    return lambda cast: f"/hr/requests/{cast.desk[name]}{part}"


def _check_nothing(page: Page) -> None:
    post(page, "main form[action$='/handover']", "checked", " ")


def _say_nothing(page: Page) -> None:
    page.eval_on_selector("#act-say", "fold => { fold.open = true }")
    post(page, "#act-say form", "words", " ")


def _choose_first(page: Page) -> None:
    with page.expect_navigation():
        page.click("table a >> nth=0")


PAGES = {
    "hr": Shown("hr.queue", at("/hr"), "hana"),
    "hr-filtered": Shown("hr.queue", at("/hr?type=access&urgent=over"), "hana"),
    "hr-finished": Shown("hr.queue", at("/hr?state=refused"), "hana"),
    "hr-open": Shown("hr.one", of_request("open"), "hana"),
    "hr-unfolded": Shown("hr.one", of_request("twin"), "hana", then=open_all),
    "hr-proposed": Shown("hr.one", of_request("proposed"), "hana"),
    "hr-running": Shown("hr.one", of_request("running"), "hana", then=open_all),
    "hr-asked-back": Shown("hr.one", of_request("asked_back"), "hana", then=open_all),
    "hr-refused": Shown("hr.one", of_request("refused"), "hana"),
    "hr-nothing-written": Shown("hr.one", of_request("open"), "hana", then=_say_nothing, status=200),
    "hr-decide": Shown("hr.decide", of_request("open", "/decide"), "hana", then=open_all),
    "hr-confirm": Shown("hr.confirm", of_request("proposed", "/confirm"), "hana"),
    "hr-lift": Shown("hr.lift", of_request("frozen", "/lift"), "hana"),
    "hr-hold": Shown("hr.hold", of_request("open", "/hold"), "hana"),
    "hr-held": Shown("hr.held", at("/hr/held"), "hana"),
    "hr-addresses": Shown("hr.addresses", at("/hr/addresses"), "hana"),
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
}
