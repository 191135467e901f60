"""The pages of the works council's desk."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.cast import Cast
from tests.browser.shown import Shown, at, of_petition, of_release, of_stop, open_all, post


def of_waiting(part: str = "") -> Callable[[Cast], str]:
    """The council's page of the draft that waits for signatures."""
    return lambda cast: f"/council/policies/{cast.waiting}{part}"


def _sign_nonsense(page: Page) -> None:
    page.eval_on_selector("form[action$='/sign'] details", "fold => { fold.open = true }")
    post(page, "form[action$='/sign']", "envelope", "{}")


def _reject_wrong(page: Page) -> None:
    open_all(page)
    post(page, "main form[action$='/reject']", "words", "x")


PAGES = {
    "council-agenda": Shown("council_petitions.agenda", at("/council/petitions"), "clara"),
    "council-petition": Shown("council_petitions.one", of_petition("threshold", "/council/petitions/{}"), "clara"),
    "council-petition-wrong": Shown(
        "council_petitions.one", of_petition("threshold", "/council/petitions/{}"), "clara", then=_reject_wrong
    ),
    "council-check": Shown("council_reconciliation.council", at("/council/reconciliation"), "clara"),
    "council-policies": Shown("council_policies.waiting", at("/council/policies"), "clara"),
    "council-policy": Shown("council_policies.one", of_waiting(), "clara", then=open_all),
    "council-sign": Shown("council_policies.sign", of_waiting("/sign"), "clara"),
    "council-sign-wrong": Shown("council_policies.sign", of_waiting("/sign"), "clara", then=_sign_nonsense),
    "council-reject": Shown("council_policies.reject", of_waiting("/reject"), "clara"),
    "council-conditions": Shown("council_policies.conditions", of_waiting("/conditions"), "clara"),
    "council-clauses": Shown("council_policies.clauses", at("/council/policies/clauses"), "clara"),
    "council-stops": Shown("council_stops.stops", at("/council/stops"), "clara"),
    "council-stop-new": Shown("council_stops.new", at("/council/stops/new"), "clara"),
    "council-stop": Shown("council_stops.one", of_stop("council", "open"), "clara", then=open_all),
    "council": Shown("council.front", at("/council"), "clara"),
    "council-unfolded": Shown("council.front", at("/council?span=month"), "clara", then=open_all),
    "council-site": Shown("council.one", of_release("?site=Berlin&show=items"), "clara"),
    "council-department": Shown("council.one", of_release("?site=Berlin&department=Engineering"), "clara"),
    "council-by-department": Shown("council.one", of_release("?by=department&show=hours"), "clara", then=open_all),
    "council-nowhere": Shown("council.one", of_release("?site=Nowhere"), "clara", status=404),
    "council-evidence": Shown("council.evidence", at("/council/evidence"), "clara", then=open_all),
}
