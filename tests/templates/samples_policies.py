"""Made-up drafts for the officer's pages of policies."""

from typing import Any

from portal.policies.deciding.rules import Needed
from portal.policies.default_policy import default_policy
from portal.policies.drafts import words, writing
from portal.policies.drafts.forms import Form
from portal.policies.shown import shown_difference
from tests.templates import samples_deciding as deciding
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE
from wire.precedence import Change

ID = "11111111-1111-4111-8111-111111111111"
POLICY = default_policy(1_795_956_000_000)
TREE = writing.tree_of(POLICY)


def draft(state: str = "draft", **more: Any) -> dict[str, Any]:
    """One draft."""
    values: dict[str, Any] = {
        "id": ID,
        "number": 7,
        "title": HOSTILE,
        "state": state,
        "state_words": "Draft",
        "tone": "info" if state == "submitted" else "",
        "changed_at": at(9),
        "submitted_at": at(10) if state in {"submitted", "conditions"} else None,
        "replaces": 3,
        "answers": state == "draft",
        "seen": 4,
        "can_edit": state == "draft",
        "can_withdraw": state in {"draft", "submitted"},
    }
    return values | more


def drafts(**more: Any) -> dict[str, Any]:
    """The list, with one of each."""
    published = {"version": 3, "whom": HOSTILE, "begins": at(9), "ends": at(10), "state": "in force", "current": True}
    values: dict[str, Any] = {
        "drafts": [draft(), draft("submitted"), draft("withdrawn", replaces=None), draft("conditions")],
        "published": [published, published | {"version": 2, "state": "replaced", "current": False}],
        "sources": [("3", f"Version 3: {HOSTILE}"), ("default", "The policy that ships")],
    }
    return values | more


def one(state: str = "draft", **more: Any) -> dict[str, Any]:
    """A draft's page, with a difference from nothing."""
    values: dict[str, Any] = {
        "draft": draft(state),
        "problems": [],
        "whom": HOSTILE,
        "people": 412,
        "rings": "1, 10, 100",
        "gate": {"most_failed": "5", "least_applied": "80"},
        "difference": shown_difference(Change(None, POLICY), "en"),
        "needed": Needed(1, 2, HOSTILE) if state == "submitted" else Needed(1, 1),
        "document": "0" * 64 if state == "submitted" else "",
        "numbered": 4,
        "begins": at(9),
        "ends": at(10),
        "conditions": [deciding.decision(outcome="approved with conditions", kind="conditions")],
        "decisions": [],
        "linked": {"conditions": (ID, 6), "answers": (ID, 9) if state == "conditions" else None},
        "unpermitted": deciding.unpermitted() if state == "submitted" else [],
    }
    return values | more


def edit(**more: Any) -> dict[str, Any]:
    """The form."""
    form = Form(HOSTILE, TREE | {"hours": "any", "exclusions": [HOSTILE]})
    rules = {kind: rule | {"places": [("vscode", HOSTILE)]} for kind, rule in form.rules().items()}
    values: dict[str, Any] = {
        "draft": draft(),
        "form": form,
        "rules": rules,
        "order": "key pointer",
        "kinds": words.kinds("en"),
        "redactions": words.redactions("en"),
        "weekdays": words.weekdays("en"),
        "places": {"sites": ["Berlin", HOSTILE], "departments": [], "countries": []},
        "changed": None,
        "pause_minutes": 30,
        "notice_hours": 24,
    }
    return values | more


def edit_wrong() -> dict[str, Any]:
    """The form after mistakes, with a colleague's change meanwhile."""
    errors = {"title": "Empty.", "contexts.0.id": HOSTILE, "rules.key": "No.", "audience": "It ties."}
    return edit(form=Form("", TREE, errors, (HOSTILE,)), changed=[HOSTILE])


def yaml(**more: Any) -> dict[str, Any]:
    """The text."""
    values: dict[str, Any] = {"draft": draft(), "text": f"purpose: {HOSTILE}", "problems": [], "stale": False}
    return values | more


def bench(**more: Any) -> dict[str, Any]:
    """A sample that was tried."""
    row = {"before": HOSTILE, "after": "████", "found": "account numbers", "level": 4, "dropped": True}
    values: dict[str, Any] = {
        "draft": draft(),
        "text": HOSTILE,
        "rows": [row, row | {"found": "", "level": 2, "dropped": False}],
        "problem": "",
        "most": 10_000,
        "max_sensitivity": 3,
    }
    return values | more
