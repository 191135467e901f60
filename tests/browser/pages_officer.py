"""The pages of the privacy officer's desk."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.cast import Cast
from tests.browser.shown import Shown, at, of_petition, of_stop, open_all, post


def of_draft(state: str, part: str = "") -> Callable[[Cast], str]:
    """The officer's page of a draft."""
    return lambda cast: f"/officer/policies/{cast.drafts[state]}{part}"


def _write_nonsense(page: Page) -> None:
    open_all(page)
    page.fill("[name='rules.key.sampling']", "1001")
    page.fill("[name=ends]", "2020-01-01T00:00")
    with page.expect_navigation():
        page.click("form[action$='/edit'] button.primary")


def _write_no_yaml(page: Page) -> None:
    post(page, "form[action$='/yaml']", "text", "audience: &everybody all\nrules: *everybody")


def _try_a_sample(page: Page) -> None:
    post(page, "form[action$='/bench']", "text", "Ana\nDE89 3704 0044 0532 0130 00\nMy asthma is back.")


def _say_no_reason(page: Page) -> None:
    post(page, "form[action$='/check']", "reason", " ")


def _go_on_to_stop(page: Page) -> None:
    post(page, "form[action$='/check']", "reason", "Tax numbers were found.")


def _hand_in_nothing(page: Page) -> None:
    post(page, "form[action$='/resume']", "signed", "{}")


def _name_no_address(page: Page) -> None:
    post(page, "tbody tr:last-child form[action$='/owner']", "owner", "the data team")


def _answer_wrong(page: Page) -> None:
    post(page, "main form[action$='/answer']", "words", "x")


def _answer_shortly(page: Page) -> None:
    post(page, "main form[action$='/answer']", "answer", "x")


def _explain_shortly(page: Page) -> None:
    post(page, "main form[action$='/answer']", "words", "x")


def _mismatch(cast: Cast) -> str:
    return f"/officer/reconciliation/{cast.mismatch}"


PAGES = {
    "officer-incidents": Shown("officer_incidents.raised", at("/officer/incidents"), "omar", then=open_all),
    "officer-incidents-wrong": Shown(
        "officer_incidents.raised", at("/officer/incidents"), "omar", then=_answer_shortly
    ),
    "officer-petitions": Shown("officer_petitions.answers", at("/officer/petitions"), "omar"),
    "officer-petition": Shown("officer_petitions.one", of_petition("awaiting", "/officer/petitions/{}"), "omar"),
    "officer-petition-wrong": Shown(
        "officer_petitions.one", of_petition("awaiting", "/officer/petitions/{}"), "omar", then=_answer_wrong
    ),
    "officer": Shown("watch.now", at("/officer"), "omar"),
    "officer-retention": Shown("watch.retention", at("/officer/retention"), "omar"),
    "officer-stores": Shown("officer_stores.stores", at("/officer/stores"), "omar"),
    "officer-stores-wrong": Shown("officer_stores.stores", at("/officer/stores"), "omar", then=_name_no_address),
    "officer-check": Shown("officer_reconciliation.officer", at("/officer/reconciliation"), "omar"),
    "officer-mismatch": Shown("officer_reconciliation.one", _mismatch, "omar"),
    "officer-mismatch-wrong": Shown("officer_reconciliation.one", _mismatch, "omar", then=_explain_shortly),
    "policies": Shown("policy_desk.drafts", at("/officer/policies"), "omar"),
    "policy-draft": Shown("policy_desk.one", of_draft("open"), "omar"),
    "policy-draft-submitted": Shown("policy_desk.one", of_draft("submitted"), "omar", then=open_all),
    "policy-draft-withdrawn": Shown("policy_desk.one", of_draft("withdrawn"), "omar"),
    "policy-edit": Shown("policy_desk.edit", of_draft("open", "/edit"), "omar"),
    "policy-edit-unfolded": Shown("policy_desk.edit", of_draft("open", "/edit"), "omar", then=open_all),
    "policy-edit-wrong": Shown("policy_desk.edit", of_draft("open", "/edit"), "omar", then=_write_nonsense),
    "policy-yaml": Shown("policy_desk.yaml", of_draft("open", "/yaml"), "omar"),
    "policy-yaml-wrong": Shown("policy_desk.yaml", of_draft("open", "/yaml"), "omar", then=_write_no_yaml),
    "policy-yaml-frozen": Shown("policy_desk.yaml", of_draft("submitted", "/yaml"), "omar"),
    "policy-bench": Shown("policy_desk.bench_form", of_draft("open", "/bench"), "omar"),
    "policy-bench-tried": Shown("policy_desk.bench_form", of_draft("open", "/bench"), "omar", then=_try_a_sample),
    "officer-sign": Shown("officer_signing.sign", lambda cast: f"/officer/signing/{cast.waiting}", "omar"),
    "officer-stops": Shown("officer_stops.stops", at("/officer/stops"), "omar"),
    "officer-stop-new": Shown("officer_stops.new", at("/officer/stops/new"), "omar"),
    "officer-stop-wrong": Shown("officer_stops.new", at("/officer/stops/new"), "omar", then=_say_no_reason),
    "officer-stop-confirm": Shown("officer_stops.new", at("/officer/stops/new"), "omar", then=_go_on_to_stop),
    "officer-stop": Shown("officer_stops.one", of_stop("officer", "open"), "omar", then=open_all),
    "officer-stop-over": Shown("officer_stops.one", of_stop("officer", "over"), "omar"),
    "officer-stop-unsigned": Shown("officer_stops.one", of_stop("officer", "open"), "omar", then=_hand_in_nothing),
    "officer-rollouts": Shown("officer_rollouts.rollouts", at("/officer/rollouts"), "omar"),
    "officer-rollout": Shown("officer_rollouts.one", lambda cast: f"/officer/rollouts/{cast.rollout}", "omar"),
    "officer-rollout-unfolded": Shown(
        "officer_rollouts.one", lambda cast: f"/officer/rollouts/{cast.rollout}", "omar", then=open_all
    ),
}
