"""The pages of the works council's desk, and of the evidence room at every desk."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.cast import Cast
from tests.browser.shown import Shown, at, of_petition, of_release, of_stop, open_all, open_menu, post


def of_waiting(part: str = "") -> Callable[[Cast], str]:
    """The council's page of the draft that waits for signatures."""
    return lambda cast: f"/council/policies/{cast.waiting}{part}"


def _sign_nonsense(page: Page) -> None:
    page.eval_on_selector("form[action$='/sign'] details", "fold => { fold.open = true }")
    post(page, "form[action$='/sign']", "envelope", "{}")


def _reject_wrong(page: Page) -> None:
    open_all(page)
    post(page, "main form[action$='/reject']", "words", "x")


def of_paper(kind: str, desk: str) -> Callable[[Cast], str]:
    """A paper of the evidence room at one of its desks."""
    return lambda cast: f"/{desk}/documents/{cast.papers[kind]}"


def _script_link(page: Page) -> None:
    page.fill("[name=title]", "Meeting")
    page.fill("[name=text]", "We met.")
    page.eval_on_selector("[name=link]", "field => { field.type = 'text' }")
    page.fill("[name=link]", "javascript:alert(1)")
    with page.expect_navigation():
        page.click("form[action$='/new'] button.primary")


def _seat_in_the_past(page: Page) -> None:
    page.fill("[name=name]", "Eva")
    page.fill("[name=account]", "eva")
    page.fill("[name=task]", "Section 80")
    page.fill("[name=first]", "2020-01-01")
    page.fill("[name=last]", "2020-01-02")
    with page.expect_navigation():
        page.click("form[action$='/experts'] button.primary")


def _hand_in_no_group(page: Page) -> None:
    post(page, "form[action$='/sign']", "signed", "{}")


PAGES = {
    "council-groups": Shown("council.groups", at("/council/smallest-group"), "clara", then=open_all),
    "council-groups-wrong": Shown("council.groups", at("/council/smallest-group"), "clara", then=_hand_in_no_group),
    "groups": Shown("statistics.groups", at("/statistics/smallest-group")),
    "expert-groups": Shown("expert.groups", at("/expert/smallest-group"), "eva"),
    "council-incidents": Shown("council_incidents.told", at("/council/incidents"), "clara"),
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
    "council-menu": Shown("council.front", at("/council"), "clara", then=open_menu("group", "narrow")),
    "council-person-menu": Shown("council.front", at("/council"), "clara", then=open_menu("person")),
    "council-unfolded": Shown("council.front", at("/council?span=month"), "clara", then=open_all),
    "council-site": Shown("council.one", of_release("?site=Berlin&show=items"), "clara"),
    "council-department": Shown("council.one", of_release("?site=Berlin&department=Engineering"), "clara"),
    "council-by-department": Shown("council.one", of_release("?by=department&show=hours"), "clara", then=open_all),
    "council-nowhere": Shown("council.one", of_release("?site=Nowhere"), "clara", status=404),
    "council-evidence": Shown("council.evidence", at("/council/evidence"), "clara", then=open_all),
    "council-evidence-policy": Shown("council.policy", at("/council/evidence/policies/1"), "clara"),
    "council-experts": Shown("council.experts", at("/council/experts"), "clara"),
    "council-experts-wrong": Shown("council.experts", at("/council/experts"), "clara", then=_seat_in_the_past),
    "council-paper": Shown("council.document", of_paper("minutes", "council"), "clara", then=open_all),
    "council-paper-new": Shown("council.document_new", at("/council/documents/new"), "clara"),
    "council-paper-wrong": Shown("council.document_new", at("/council/documents/new"), "clara", then=_script_link),
    "council-looks": Shown("council.looks", at("/council/looks"), "clara"),
    "expert": Shown("expert.front", at("/expert"), "eva"),
    "expert-release": Shown("expert.one", of_release("?site=Berlin", "expert"), "eva"),
    "expert-evidence": Shown("expert.evidence", at("/expert/evidence"), "eva"),
    "expert-policy": Shown("expert.policy", at("/expert/evidence/policies/1"), "eva"),
    "expert-paper": Shown("expert.document", of_paper("impact_assessment", "expert"), "eva"),
    "officer-room": Shown("officer_room.room", at("/officer/room"), "omar"),
    "officer-paper": Shown("officer_room.document", of_paper("impact_assessment", "officer/room"), "omar"),
    "officer-paper-new": Shown("officer_room.document_new", at("/officer/room/documents/new"), "omar"),
    "officer-looks": Shown("officer_room.officer_looks", at("/officer/room/looks"), "omar"),
    "minutes": Shown("statistics.minutes", at("/statistics/minutes")),
    "council-rollouts": Shown("council_rollouts.rollouts", at("/council/rollouts"), "clara"),
    "council-rollout": Shown("council_rollouts.one", lambda cast: f"/council/rollouts/{cast.rollout}", "clara"),
}
