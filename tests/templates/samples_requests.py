"""Made-up requests in every state, in the shapes that the docblocks of the templates define."""

from datetime import date, datetime
from types import SimpleNamespace as Of
from typing import Any

from portal.requests.words import TYPES
from tests.templates.samples import asked, at, erasure
from tests.templates.samples_data import HOSTILE

ADDRESSES = {name: name for name in ("progress", "answer", "withdraw", "appeal")} | {"say": "messages"}

COPIES = ("waiting", "ready", "failed", "cancelled", "expired")


def requests(**more: Any) -> dict[str, Any]:
    """Drafts, a request in each state, a deletion in each."""
    states = ("open", "asked_back", "approved", "running", "done", "partial", "refused", "withdrawn", "merged")
    everything = Of(starts=None, ends=None, kinds=(), contexts=(), sensitivities=(), chosen=0)
    values = {
        "requests": [asked("open", overdue=True), *(asked(state) for state in states), asked("done", closed_at=at(10))],
        "drafts": [asked("draft", due_on=None, scope=everything)],
        "erasures": [erasure(status) for status in ("undoable", "erasing", "erased", "held", "undone")],
        "more_erasures": True,
        "show": "",
        "type": "",
        "types": [(kind.value, text.name) for kind, text in TYPES.items()],
        "page": 1,
        "newer": "",
        "older": "/requests?page=2",
    }
    return values | more


def no_requests(**more: Any) -> dict[str, Any]:
    """Nothing asked for."""
    return requests(requests=[], drafts=[], erasures=[], more_erasures=False, older="", **more)


def deletions(*, empty: bool = False) -> dict[str, Any]:
    """The list of deletions by oneself."""
    found = [] if empty else [erasure(chosen=3), erasure("erased", sensitivities=(4,))]
    return {"erasures": found, "page": 1, "newer": "", "older": ""}


def _looked(when: datetime | None, *, left: bool = False, unproved: bool = False) -> dict[str, Any]:
    """What another login found."""
    return {"looked": when, "left": left, "physical_on": when and when.date(), "unproved": unproved}


def expired(*, empty: bool = False) -> dict[str, Any]:
    """What went by itself."""
    day = at(10).date()
    gone = [
        Of(day=day, kind="key", items=1200, days=30, first=118, last=121, **_looked(at(11))),
        Of(day=day, kind="prompt", items=3, days=30, first=123, last=123, **_looked(at(11), left=True)),
        Of(day=day, kind="click", items=3, days=30, first=124, last=124, **_looked(None)),
        Of(day=day, kind="screenshot", items=1, days=14, first=122, last=122, **_looked(None, unproved=True)),
    ]
    return {"gone": [] if empty else gone, "page": 1, "newer": "", "older": ""}


def step(state: str, **more: Any) -> Of:
    """One store's part."""
    values: dict[str, Any] = {
        "store": "Warehouse: clicks",
        "action": "erase",
        "state": state,
        "reason": "",
        "since": None,
        "deleted": 41,
        "held": 0,
        "remaining": 0,
        "parts": 3,
        "part_of": None,
        "apart_rows": 0,
        "frozen_at": None,
        "looked_at": None,
        "unseen_since": None,
        "logical_at": None,
        "physical_on": None,
        "receipt": "",
    }
    return Of(**(values | more))


def progress(state: str = "running", **more: Any) -> dict[str, Any]:
    """Every state of a store at once."""
    steps = [
        step(
            "done", store="Daylight's own store", logical_at=at(10), physical_on=date(2026, 12, 30), receipt="/r.json"
        ),
        step("done", logical_at=at(10)),
        step("running", part_of=90),
        step("pending", since=at(9)),
        step("partial", held=3, remaining=2, reason="The table is a view."),
        step("refused", reason="There is no column with a person."),
        step("waiting"),
        step("cancelled"),
    ]
    values = {
        "asked": asked(state),
        "steps": steps,
        "working": state in {"approved", "running"},
        "freezes": False,
        "pending": [steps[3]],
        "missing": ["Warehouse: clicks"],
        "export": "",
        "wider": True,
        "paper": "/receipt.pdf",
        "exports": [{"at": at(9), "status": status, "url": "/exports/e1"} for status in COPIES],
        "addresses": {name: f"/requests/{asked().id}/{path}" for name, path in ADDRESSES.items()},
    }
    return values | more


def freezing(state: str = "done", **more: Any) -> dict[str, Any]:
    """A freeze, and its lifting, in every state of a store."""
    moved: dict[str, Any] = {"apart_rows": 41, "frozen_at": at(9)}
    steps = [
        step("done", action="freeze", logical_at=at(9), receipt="/r.json", looked_at=at(12), **moved),
        step("done", action="freeze", logical_at=at(9), looked_at=at(10), unseen_since=at(11), **moved),
        *(step(one, action="freeze", since=at(10), **moved) for one in ("waiting", "running", "pending", "refused")),
        step("partial", action="freeze", remaining=2, logical_at=at(9), **moved),
        step("pending", action="freeze", since=at(9)),
        step("refused", action="freeze", reason="We may not make a closed place beside it."),
        *(step(one, action="freeze") for one in ("waiting", "running", "cancelled")),
        step("done", action="thaw", logical_at=at(11), **moved),
        step("pending", action="thaw", since=at(10), **moved),
        step("partial", action="thaw", held=3, logical_at=at(11), **moved),
        *(step(one, action="thaw", **moved) for one in ("waiting", "refused")),
    ]
    return (
        progress(
            state, steps=steps, pending=[one for one in steps if one.state == "pending"][:1], exports=[], freezes=True
        )
        | more
    )


def one(state: str = "open", **more: Any) -> dict[str, Any]:
    """A request as it arrives at HR; `more` makes it another."""
    nothing: dict[str, Any] = {"steps": [], "pending": [], "missing": []}
    shown = progress(state) if state in {"running", "partial"} else progress(state, **nothing)
    event: dict[str, Any] = {"role": "employee", "name": "Amira K.", "at": at(9)}
    values: dict[str, Any] = {
        "standing": {"question": "", "asked_at": None},
        "lifts_on": None,
        "type": next(iter(TYPES.values())),
        "law": "General Data Protection Regulation (GDPR)",
        "clock": {
            "due_on": date(2026, 12, 21),
            "days_left": 30,
            "stands": False,
            "extended": False,
            "lines": ["Received on Sat 21 Nov 2026; that day is not counted.", "The law allows 1 month."],
        },
        "decision": None,
        "remedies": [("You may complain to a supervisory authority.", "GDPR art. 77")],
        "said": [{"mine": True, "role": "employee", "name": "", "at": at(9), "kind": "sent", "text": HOSTILE}],
        "history": [
            event | {"what": "Sent to HR"},
            event | {"what": "Joined with request 9", "role": "hr"},
            event | {"what": "Request 13 was joined with this one", "role": "worker"},
        ],
        "stores": [
            {"name": "Daylight's own store", "items": 412, "stays": 3, "counted_at": at(9), "own": True, "why": ""},
            {
                "name": "Tickets",
                "items": 0,
                "stays": 0,
                "counted_at": at(9),
                "own": False,
                "why": "The store does not answer now.",
            },
        ],
        "may": {"said": True, "answered": False, "withdrawn": True, "appealed": False},
        "principal": "",
        "back": "",
        "errors": {},
        "typed": {},
    }
    return shown | values | more


def question() -> dict[str, Any]:
    """HR asks, and the answer was empty."""
    talk = {"mine": False, "role": "hr", "name": "Hana L.", "at": at(10), "kind": "asked_back", "text": "Which weeks?"}
    return one(
        "asked_back",
        standing={"question": "Which weeks do you mean?", "asked_at": at(10)},
        may={"said": True, "answered": True, "withdrawn": True, "appealed": False},
        said=[talk],
        errors={"answer": "Write something first."},
        typed={"answer": ""},
    )


def refused(outcome: str = "refuse") -> dict[str, Any]:
    """A decision with ground and remedies."""
    decision = {
        "outcome": outcome,
        "at": at(12),
        "words": HOSTILE,
        "ground": "Legal claims",
        "explained": "The data is needed to establish or defend a claim.",
        "article": "GDPR art. 17(3)(e)",
        "stays": [
            {"store": "", "kind": "key", "ground": "Legal claims"},
            {"store": "Archive", "kind": "", "ground": ""},
        ],
        "four_eyes": True,
    }
    may = {"said": False, "answered": False, "withdrawn": False, "appealed": True}
    state = "refused" if outcome == "refuse" else "partial"
    return one(state, decision=decision, may=may)


def new(**more: Any) -> dict[str, Any]:
    """The form with something wrong in each field, and a hold."""
    about = Of(starts_at=at(8), ends_at=at(14), kinds=("key",), contexts=(), sensitivities=(4,), segments=("i1", "i2"))
    asked_for = Of(
        kind="erase", about=about, words=HOSTILE, draft="d1", starts="2026-11-21T08:00", ends="2026-11-21T14:00"
    )
    store = {"name": "Daylight's own store", "items": 41, "stays": 3, "counted_at": at(9), "own": True}
    store |= {"at_most": False, "refused": "", "away_since": None}
    outside = store | {"own": False, "stays": 0}
    values: dict[str, Any] = {
        "asked": asked_for,
        "whose": "11111111-1111-4111-8111-111111111111",
        "types": [(kind.value, text) for kind, text in TYPES.items()],
        "contexts": [("outlook", "Outlook"), ("vscode", "Visual Studio Code")],
        "items": [("i1", at(9), "key", "Outlook"), ("i2", at(10), "screenshot", "Outlook")],
        "errors": {
            "item": "Some are gone.",
            "words": "Write a sentence.",
            "draft": "You have 20 drafts.",
            "type": "Choose.",
        },
        "preview": {
            "items": 41,
            "open": 2,
            "stays": 3,
            "kinds": [("key", 30), ("screenshot", 11)],
            "levels": [(4, 1), (2, 38)],
            "kindless": 0,
            "levelless": 2,
            "apart": 2,
            "stores": [
                store,
                outside | {"name": "Warehouse: clicks", "counted_at": None, "items": 0, "away_since": at(8)},
                outside | {"name": "Archive", "items": 1200, "at_most": True},
                outside | {"name": "Tickets", "refused": "It does not say from which app or site a row is."},
            ],
            "holds": [{"reason": HOSTILE, "until": at(12)}],
            "wider": True,
            "at_once": "/requests/delete?last=1h",
        },
        "listed": "/data",
        "around": "/requests/new?from=a&to=b",
        "twin": {"number": 9, "url": "/requests/9"},
    }
    return values | more


def new_wrong() -> dict[str, Any]:
    """Only a beginning was given."""
    return new(
        preview=None,
        twin=None,
        items=[],
        errors={"from": "Choose both.", "to": "The end must lie after the beginning."},
    )


def delegates(**more: Any) -> dict[str, Any]:
    """One delegate, and a form with something wrong in each field."""
    one = {"id": "d1", "name": HOSTILE, "types": ["Have data deleted", "Object to its use"], "until": at(14)}
    values: dict[str, Any] = {
        "delegates": [one],
        "types": [(kind.value, text.name) for kind, text in TYPES.items()],
        "typed": {"email": HOSTILE, "until": ""},
        "chosen": ["erase"],
        "errors": {"email": "Nobody has this address.", "type": "Choose.", "until": "Choose a day."},
    }
    return values | more


WHOM = Of(name=HOSTILE, delegation="d1")


def people(*, empty: bool = False) -> dict[str, Any]:
    """Whom one acts for."""
    return {"people": [] if empty else [("d1", HOSTILE, ["Have data deleted"], at(14))]}


def requests_of(*, empty: bool = False) -> dict[str, Any]:
    """Somebody else's requests."""
    found = [] if empty else [asked(), asked("refused")]
    return {"whom": WHOM, "requests": found, "page": 1, "newer": "", "older": ""}


def ask_for() -> dict[str, Any]:
    """The form on somebody's behalf."""
    values = new()
    errors = {"type": "Not this.", "from": "Choose both.", "words": "Write a sentence."}
    return {"whom": WHOM, "asked": values["asked"], "types": values["types"][:2], "errors": errors}
