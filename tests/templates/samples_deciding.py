"""What the pages of deciding are drawn from."""

from typing import Any

from portal.policies.deciding.shown import Change, Draft, Signed, Unpermitted
from portal.policies.models import DraftState
from portal.policies.rules import Gate
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE

CHANGES = [
    Change("more", "New: Clicks, in Figma; 1000 of 1000 stretches; kept 30 days.", whole=True),
    Change("less", "Screenshots are no longer taken."),
    Change("same", "It begins on 2026-12-01 08:00 UTC.", [at(12), at(11)]),
]
HASH = "3f" * 32


def draft(**more: Any) -> Draft:
    """A widening that the officer has signed."""
    values: dict[str, Any] = {
        "number": 8,
        "title": "Two more apps",
        "version": 8,
        "replaces": 7,
        "state": DraftState.SUBMITTED,
        "wider": True,
        "changes": CHANGES * 3,
        "hash": HASH,
        "begins": at(12),
        "at_once": False,
        "ends": at(15),
        "submitted": at(9),
        "closed": None,
        "signed": [Signed("privacy officer", HASH[:16], at(10))],
        "missing": {"officer": 0, "council": 1},
        "site": "",
        "mine": True,
        "until": at(12),
        "late": False,
        "overtaken": False,
        "rings": "1, 10, 100",
        "gate": Gate(5, 80),
        "unpermitted": [],
    }
    return Draft(**(values | more))


def unpermitted() -> list[Unpermitted]:
    """Of three sites: a rejection and its own policy, no decision and none, and one that gives way."""
    no = decision()
    return [
        Unpermitted(8, HOSTILE, no, 5, at(14), first=False, more=["Also keys."]),
        Unpermitted(8, "Berlin", None, None, None, first=False, more=["Also keys."]),
        Unpermitted(8, "Bremen", no, 6, at(14), first=True, more=[]),
    ]


def decision(**more: Any) -> dict[str, Any]:
    """A rejection with reasons and minutes."""
    values: dict[str, Any] = {
        "by": "works council",
        "outcome": "rejected",
        "kind": "rejected",
        "version": 6,
        "title": "x",
    }
    return values | {"key": "", "reasons": "Too wide.", "minutes": "All were there.", "at": at(11)} | more


def one(wrong: str = "", **more: Any) -> dict[str, Any]:
    """The page of a draft, and its forms."""
    return {
        "draft": draft(),
        "open": True,
        "rules": [{"kind": "key", "clauses": [("§ 4", "Keys in named apps.")]}, {"kind": "prompt", "clauses": []}],
        "decisions": [decision(outcome="approved", kind="approved", key=HASH[:16], reasons="")],
        "conditions": [decision(outcome="approved with conditions", kind="conditions")],
        "linked": {"conditions": 6, "answers": None},
        "fingerprint": HASH,
        "signing_file": {"offered": HASH, "named": "0" * 64 if wrong else HASH},
        "people": None if wrong else 412,
        "errors": {wrong: "Say why."} if wrong else {},
        "kept": {"envelope": "{}" if wrong else "", "reasons": "", "minutes": ""},
        "desk": "council_policies",
    } | more


def closed() -> dict[str, Any]:
    """A draft that was rejected."""
    over = draft(state=DraftState.REJECTED, closed=at(11), signed=[], wider=False, replaces=None)
    return one(
        draft=over, open=False, rules=[], decisions=[], conditions=[], linked={"conditions": None, "answers": None}
    )


def conditioned(answers: int | None = None) -> dict[str, Any]:
    """A draft that was approved with conditions, and the one that answers them where it is submitted."""
    over = draft(state=DraftState.CONDITIONS, closed=at(11))
    rows = [decision(outcome="approved with conditions", kind="conditions")]
    return one(draft=over, open=False, decisions=rows, conditions=[], linked={"conditions": None, "answers": answers})


def waiting() -> dict[str, Any]:
    """Five that wait: one too late, two for a site with a council of its own, one of another council's; some over."""
    over = [
        draft(state=state, closed=at(11))
        for state in (DraftState.PUBLISHED, DraftState.WITHDRAWN, DraftState.CONDITIONS)
    ]
    return {
        "drafts": [
            draft(),
            draft(number=9, title="No screenshots", late=True, changes=CHANGES),
            *of_a_site(),
            others(),
        ],
        "over": over,
        "decisions": [decision()],
        "exemptions": exemptions(),
    }


def of_a_site() -> list[Draft]:
    """For one site: all of its council's keys are missing, and only one of them."""
    rest = {"officer": 1, "council": 2}, {"officer": 0, "council": 1}
    return [draft(number=10 + at, title=HOSTILE, site=HOSTILE, missing=one) for at, one in enumerate(rest)]


def others() -> Draft:
    """One about which the central council decides, as a member of a site's council reads it."""
    return draft(number=12, title="For everybody", mine=False, unpermitted=unpermitted())


def not_theirs() -> dict[str, Any]:
    """A draft, and its forms, as a member of another council than Berlin's reads them."""
    return one(draft=draft(site="Berlin", mine=False, unpermitted=unpermitted()))


def nothing_waits() -> dict[str, Any]:
    """Nothing to decide, and nothing counted yet."""
    return {"drafts": [], "over": [], "decisions": [], "exemptions": exemptions(counted_at=None, k=None, grades=[])}


def exemptions(**more: Any) -> dict[str, Any]:
    """Who is exempt: all of a grade, some, and too few to be told."""
    grades = [("Executives", 12, 12), ("Staff", 3120, 14), ("Managers", 31, None), ("Other grades", None, None)]
    return {"counted_at": at(8), "k": 10, "grades": grades} | more


def clauses(**more: Any) -> dict[str, Any]:
    """One clause, and the form."""
    clause = {"id": "c1", "number": "§ 4 (2)", "text_en": "Keys.", "text_de": "Tasten.", "kinds": ["key", "click"]}
    kept = {"number": "", "text_en": "", "text_de": "", "kinds": []}
    return {"clauses": [clause], "kinds": ["key", "click", "prompt"], "kept": kept, "errors": {}} | more


def history() -> dict[str, Any]:
    """Versions and decisions of /policy."""
    difference = {
        "lines": [
            {"effect": one.effect, "text": one.text, "moments": one.moments, "whole": one.whole} for one in CHANGES
        ],
        "more": 1,
        "less": 1,
        "replaces": 6,
        "widens": True,
        "hash": HASH,
    }
    signed = [("privacy officer", HASH[:16]), ("works council", "ab" * 8)]
    new = {"version": 7, "published_at": at(8), "begins": at(9), "difference": difference, "signed": signed}
    first = new | {"version": 6, "difference": difference | {"replaces": None}, "signed": []}
    return {
        "history": [new, first],
        "decisions": [decision()],
        "exemptions": exemptions(),
        "unpermitted": unpermitted(),
        "signing_file": {"offered": HASH, "named": ""},
    }
