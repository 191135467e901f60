"""Where one is: every page of a desk marks one entry of its bar, and not another one's."""

from typing import Any

import pytest
from flask import Flask

from portal.core.web import menu, state
from tests.web.routes import routes


def marked(app: Flask, path: str) -> tuple[str, list[str]]:
    """The login of the page's desk, and the entries that its bar marks there."""
    with app.test_request_context(path):
        here = state.login()
        entries: list[menu.Entry] = app.extensions["menu"].entries
        found = [entry for entry in entries if entry.desk == here and not entry.leads]
        return here, [entry.endpoint for entry in found if menu._current(entry)]


def test_each_page_of_a_desk_marks_one_entry(app: Flask) -> None:
    experts = {"expert.groups"}  # reached from their statistics alone, which are another login's
    lost: dict[str, Any] = {}
    for route in routes(app):
        if route.method == "GET" and route.endpoint not in experts:
            here, entries = marked(app, route.path)
            if here in {"web_hr", "web_officer", "web_council"} and len(entries) != 1:
                lost[route.endpoint] = entries
    assert not lost


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/hr/requests/1", "hr.queue"),
        ("/hr/requests/1/hold", "hr.queue"),
        ("/hr/requests/1/handover", "hr.queue"),
        ("/hr/bulk", "hr.queue"),
        ("/hr/held", "hr.held"),
        ("/hr/holds/00000000-0000-4000-8000-000000000000/release", "hr.held"),
        ("/hr/laws", "hr.laws"),
        ("/officer/signing/1", "policy_desk.drafts"),
        ("/council/policies/1/sign", "council_policies.waiting"),
        ("/council/policies/clauses", "council_policies.clauses"),
        ("/council/documents/new", "council.evidence"),
        ("/council/looks", "council.looks"),
        *((f"/pauses{page}", "home.now") for page in ("", "/until", "/part", "/weekly", "/opt-out")),
    ],
)
def test_it_is_the_one_that_the_page_belongs_to(app: Flask, path: str, entry: str) -> None:
    assert marked(app, path)[1] == [entry]
