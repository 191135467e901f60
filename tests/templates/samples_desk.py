"""Made-up requests for the pages of HR's desk."""

from datetime import date, datetime
from types import SimpleNamespace as Of
from typing import Any

from portal.hr.queue import Filters
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE

ID = "11111111-1111-4111-8111-111111111111"
CHOICES = {name: [("", "All"), ("one", "One")] for name in ("state", "type", "assigned", "law", "urgent")}


def row(number: int = 18, tone: str = "over", **more: Any) -> Of:
    """A line of the queue."""
    values = {
        "number": number,
        "type": "Delete",
        "state": "open",
        "tone": tone,
        "urgency": "overdue",
        "left": "2 days over",
        "due_on": date(2026, 11, 19),
        "person": HOSTILE,
        "about": "Everything",
        "assigned": "Hana B.",
        "law": "gdpr",
        "held": True,
        "waits": True,
        "ended_at": None,
    }
    return Of(**(values | more))


def queue(**more: Any) -> dict[str, Any]:
    """One of each urgency, on the second page."""
    numbers = Of(live=23, risk=3, risk_waits=2, over=1, over_runs=1, median_days=4.2, proposed=2)
    doors = dict.fromkeys(("live", "risk", "over", "proposed", "finished"), "/hr")
    cards = {"numbers": numbers, "oldest_days": 19} | doors
    tones = ("over", "risk", "stands", "calm")
    values: dict[str, Any] = {
        "rows": [row(number, tone, held=tone == "over") for number, tone in enumerate(tones, 18)],
        "filters": Filters(type="erase"),
        "choices": CHOICES,
        "cards": cards,
        "colleagues": [Of(id=ID, name="Hana B.")],
        "over": False,
        "next_page": "/hr?after=x",
        "first_page": "/hr",
    }
    return values | more


def nothing() -> dict[str, Any]:
    """Nobody asks for anything."""
    numbers = Of(live=0, risk=0, risk_waits=0, over=0, over_runs=0, median_days=None, proposed=0)
    return queue(rows=[], filters=Filters(), cards=queue()["cards"] | {"numbers": numbers}, next_page="", first_page="")


def decision(**more: Any) -> dict[str, Any]:
    """A proposed refusal."""
    values: dict[str, Any] = {
        "outcome": "Refuse",
        "ground": "Needed for legal claims (GDPR 17(3)(e))",
        "ground_words": "They are needed.",
        "words": HOSTILE,
        "stays": [("Daylight's own store", "Screenshots"), ("Hive", "")],
        "proposed_name": "Hana B.",
        "proposed_at": at(9),
        "mine": False,
        "confirmed_name": "",
        "confirmed_at": None,
        "remedies": ["Complain."],
    }
    return values | more


def one(**more: Any) -> dict[str, Any]:
    """What all pages about one request are given."""
    clock = Of(
        received_on=date(2026, 10, 20),
        due_on=date(2026, 11, 20),
        confirm_by=date(2026, 10, 30),
        extendable_until=date(2026, 11, 20),
        stands_since=None,
    )
    values: dict[str, Any] = {
        "asked": row(),
        "who": Of(name="Amira K.", department="Engineering", left_at=at(8)),
        "seen": 7,
        "request": Of(words=HOSTILE, started_by="hr", assigned_to=None, type="access", state="approved"),
        "clock": clock,
        "stands_since": date(2026, 11, 2),
        "counted": ["Received on 20 October."],
        "law": "GDPR",
        "decision": decision(),
        "barred": "",
        "others": [],
    }
    return values | more


def _step(state: str, **more: Any) -> Of:
    values = {
        "id": ID,
        "store": "Hive",
        "action": "erase",
        "state": state,
        "word": state,
        "deleted": 7,
        "held": 1,
        "tries": 14,
        "since": None,
        "at": None,
        "physical_on": None,
        "reason": "",
        "stuck": False,
        "again": False,
        "contested": False,
        "receipt": "",
        "frozen_at": None,
        "lifted_at": None,
        "looked_at": None,
        "unseen_since": None,
    }
    return Of(**(values | more))


def frozen() -> list[Of]:
    """A freeze in each store, and its lifting."""
    return [
        _step("done", action="freeze", at=at(9), frozen_at=at(9), receipt="logged", looked_at=at(12)),
        _step("done", action="freeze", at=at(9), frozen_at=at(9), looked_at=at(10), unseen_since=at(11)),
        _step("pending", action="freeze", since=at(9), stuck=True),
        _step("refused", action="freeze", reason="We may not make a closed place beside it."),
        _step("done", action="thaw", at=at(11), frozen_at=at(9), lifted_at=at(11), receipt="signed"),
        _step("pending", action="thaw", since=at(10), frozen_at=at(9), stuck=True),
    ]


def request(**more: Any) -> dict[str, Any]:
    """A running request with everything on it."""
    kept = dict.fromkeys(("form", "problem", "words", "reason", "store", "owner", "proof"), "")
    may = (
        "assign",
        "say",
        "ask",
        "extend",
        "decide",
        "confirm",
        "reject",
        "merge",
        "close",
        "task",
        "lift",
        "hold",
        "retry",
    )
    task = Of(
        id=ID,
        store="Hive",
        sort="owner",
        owner="Data platform",
        words=HOSTILE,
        given_name="Hana B.",
        given_at=at(9),
        chases=2,
        chased_at=at(10),
        done_at=None,
        proof="",
    )
    done = Of(**(vars(task) | {"id": ID[::-1], "done_at": at(11), "proof": "Ticket 9", "sort": "recipient"}))
    happened = Of(what="Message", who="the person", at=at(9), words=HOSTILE, mine=False, spoken=True)
    steps = [
        _step("done", at=at(9), physical_on=date(2026, 12, 20), receipt="logged"),
        _step("pending", since=at(9), stuck=True),
        _step("waiting", reason="Somebody else has or had it.", contested=True),
        _step("partial", reason="A hold keeps 1 item.", stuck=True, receipt="signed"),
        _step("refused", reason="Access is denied.", again=True),
        _step("refused", id=ID[::-1], reason="Access is denied.", again=True),
    ]
    values = one() | {
        "kept": kept | {"form": "say", "words": "kept words", "problem": "Changed meanwhile."},
        "asked_again": {ID[::-1]},
        "lies": [],
        "steps": steps,
        "steps_done": (2, 3),
        "tasks": [task, done],
        "by_hand": False,
        "holds": [Of(id=ID, reason="Case 7", expires_at=at(12))],
        "duplicates": [
            {"id": ID, "number": 22, "received_at": at(8), "whole": True, "mine": False},
            {"id": ID, "number": 23, "received_at": at(8), "whole": False, "mine": False},
        ],
        "events": [happened],
        "may": dict.fromkeys(may, True),
        "people": [("", "Nobody"), (ID, "Hana B.")],
        "asking": [("identity", "Who asks")],
    }
    return values | more


def lies() -> list[Of]:
    """Two stores, one of which tells no kinds."""
    own = Of(
        store="daylight",
        name="Daylight's own store",
        items=412,
        stays=0,
        kinds=(("Keyboard", "key", 412, "2, 3"),),
        why="",
    )
    away = Of(store="CRM", name="CRM", items=0, stays=0, kinds=(("", "", 0, ""),), why="The store does not answer.")
    return [own, Of(store="Hive", name="Hive", items=61, stays=0, kinds=(("", "", 61, ""),), why=""), away]


def barred(*others: str) -> dict[str, Any]:
    """The reader does not decide on it: only writing and giving over is offered."""
    may = dict.fromkeys(request()["may"], False) | {"say": True, "assign": True}
    return request(may=may, barred=HOSTILE, others=list(others), decision=decision())


def ended() -> dict[str, Any]:
    """Over: nothing is offered any more."""
    may = dict.fromkeys(request()["may"], False)
    closed = decision(confirmed_at=at(11), confirmed_name="Helge M.")
    kept = dict.fromkeys(request()["kept"], "")
    return request(
        may=may,
        decision=closed,
        asked=row(ended_at=at(11), due_on=None),
        steps=[],
        lies=lies(),
        tasks=[],
        duplicates=[],
        holds=[],
        kept=kept,
        stands_since=None,
    )


def decide(**more: Any) -> dict[str, Any]:
    """Half a refusal, with what was wrong."""
    ground = {"code": "legal_claims", "name": "Needed for legal claims", "words": "They are needed."}
    values: dict[str, Any] = {
        "problem": "Name the ground.",
        "kept": {"outcome": "refuse", "ground": "", "words": HOSTILE},
        "kept_stays": ["daylight|key"],
        "grounds": [ground],
        "ground_choices": [("legal_claims", "Needed")],
        "lies": lies(),
        "two_to_approve": True,
        "endless": True,
    }
    return one() | values | more


def confirm(**more: Any) -> dict[str, Any]:
    """A colleague's proposal."""
    return one() | {"problem": "", "words": "", "may": {"confirm": True, "reject": True}} | more


def lift(*, proposed: bool = False, mine: bool = False, announce: bool = False, on: datetime | None = None) -> Any:
    """Lifting a freeze: nothing yet, one's own proposal, a colleague's, announced."""
    said = {"words": HOSTILE if proposed else "", "by": HOSTILE, "mine": mine, "at": at(9) if proposed else None}
    may = {"propose": not proposed, "announce": announce}
    return one() | {"problem": "Write.", "words": HOSTILE, "may": may, "lift": said | {"on": on}, "soonest": at(14)}


def hold_form() -> dict[str, Any]:
    """A hold without an end."""
    kept = {"ground": "", "words": HOSTILE, "from": "2026-11-01", "to": "2026-11-02", "expires": ""}
    more = {"problem": "Say when it ends.", "kept": kept, "kept_kinds": ["key"], "grounds": [("a", "A")]}
    return one() | more | {"kinds": [("key", "Keyboard")]}


def hold() -> dict[str, Any]:
    """A hold in words."""
    moments: dict[str, datetime] = {"set_at": at(9), "expires_at": at(12)}
    words = {"person": HOSTILE, "span": "1 to 2 Nov", "what": "Keyboard", "ground": "Legal claims", "reason": HOSTILE}
    return {"id": ID, "mine": True} | words | moments


def addresses(**changes: Any) -> dict[str, Any]:
    """An address that two people have or had, and one of which something was said."""
    who = {"id": ID, "name": HOSTILE, "department": HOSTILE, "has": True, "left_at": None}
    gone = who | {"department": "", "has": False, "left_at": at(9)}
    nothing, before = {"theirs": "", "since": "", "until": ""}, {"theirs": "yes", "since": "", "until": "2026-03-01"}
    open_one = {"address": HOSTILE, "people": [who | nothing, gone | nothing], "counts_from": None}
    said = {"address": "a@x.example", "people": [who | before, gone | nothing], "counts_from": at(12)}
    return {
        "addresses": [open_one, said],
        "problem": "",
        "days": 7,
        "page": 2,
        "newer": "?page=1",
        "older": "",
    } | changes


def extended() -> dict[str, Any]:
    """One extended request."""
    return {"rows": [(row(tone="calm"), at(9), "Hana B.", HOSTILE)], "more": True}


def laws() -> dict[str, Any]:
    """One law with everything."""
    period = ("1 month", "GDPR 12(3)")
    one_law = {
        "code": "gdpr",
        "name": "GDPR",
        "default": True,
        "countries": "",
        "confirm": period,
        "answer": period,
        "extension": period,
        "by_type": [("Object", "15 business days", "11 CCR")],
        "rolls": "1182/71",
        "asking": [("Who asks", "GDPR 12(6)", True, "Access"), ("Other", "GDPR", False, "")],
        "grounds": [("Legal claims", "GDPR 17(3)(e)", "Needed.", "Delete")],
        "remedies": [("Complain.", "GDPR 77")],
    }
    bare = one_law | {
        "code": "b",
        "name": "CPRA",
        "default": False,
        "countries": "US-CA",
        "confirm": None,
        "extension": None,
        "rolls": "",
    }
    return {"laws": [one_law, bare]}


def bulk(**more: Any) -> dict[str, Any]:
    """Two that can be extended, one that cannot."""
    line = {"chosen": "18:7", "type": "Delete", "person": HOSTILE, "about": "Everything", "will": "due later"}
    lines = [Of(number=number, possible=number != 20, **line) for number in (18, 19, 20)]
    values = {
        "chosen_act": "extend",
        "lines": lines,
        "people": [("", "Nobody")],
        "words": HOSTILE,
        "problem": "Say why.",
    }
    return values | {"back": "/hr"} | more


def start(**more: Any) -> dict[str, Any]:
    """Somebody was found."""
    kept = {"type": "erase", "from": "", "to": "", "words": HOSTILE, "checked": ""}
    found = [(ID, HOSTILE, "lea@home.example", "Sales", at(8)), (ID, "Lea", None, None, at(8))]
    values: dict[str, Any] = {
        "person_id": "",
        "whose": None,
        "q": HOSTILE,
        "found": found,
        "searched": True,
        "types": [("erase", "Delete")],
        "kept": kept,
        "problem": "",
    }
    return values | more


def start_form() -> dict[str, Any]:
    """What she asks."""
    whose = Of(name="Lea", email=None, department="Sales", left_at=at(8))
    return start(whose=whose, person_id=ID, problem="Write down how you checked.")
