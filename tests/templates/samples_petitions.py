"""Made-up petitions, in the shapes that the docblocks of the templates define."""

from datetime import date
from types import SimpleNamespace as Of
from typing import Any, Final
from uuid import UUID

from portal.petitions import code
from portal.petitions.forms import AnswerForm, DiscussForm, PetitionForm, RejectForm
from portal.petitions.shown import terms
from tests.templates.samples import TODAY, at
from tests.templates.samples_data import HOSTILE

ID = UUID(int=7)
LATER, BEFORE = date(2027, 1, 20), date(2026, 11, 1)


def line(**more: Any) -> Of:
    """A petition in a list."""
    values: dict[str, Any] = {
        "id": ID,
        "title": f"No screenshots of design tools {HOSTILE}",
        "status": "Open",
        "tone": "good",
        "signatures": 14,
        "goal": 40,
        "ends_on": LATER,
        "signable": True,
        "ended_on": None,
        "started": True,
        "signed": True,
        "since": None,
        "council_due": None,
        "answer_due": None,
    }
    return Of(**(values | more))


def ballot(current: str = "", **more: Any) -> dict[str, Any]:
    """What the ballot card needs."""
    values: dict[str, Any] = {
        "url": "http://127.0.0.1:8030",
        "who": "ab12",
        "petitions": "[]",
        "current": current,
        "ready": True,
        "left": False,
        "fingerprint": "ab12 cd34 " * 4 if current else "",
        "published": at(9),
        "least": 3600,
        "most": 72000,
        "scripts": code.scripts(),
        "version": "1",
    }
    return values | more


PAGES: Final = {"page": 1, "newer": "", "older": "#"}


def petitions(**more: Any) -> dict[str, Any]:
    """One of each sort."""
    values: dict[str, Any] = {
        "running": [line(), line(status="Looks for support", tone="info", goal=None, signatures=1)],
        "ended": [line(status="Rejected", tone="danger", ended_on=BEFORE)],
        "waiting": [line(since=BEFORE, council_due=BEFORE, answer_due=LATER), line(since=BEFORE)],
        "drafts": [Of(id=UUID(int=3), title="", changed_at=at(9))],
        "may": True,
        "ballot": ballot(),
    }
    return values | PAGES | more


def nothing() -> dict[str, Any]:
    """No petition anywhere, and no ballot."""
    return petitions(running=[], ended=[], waiting=[], drafts=[], ballot=None)


def whole(**more: Any) -> Of:
    """A petition as its page shows it."""
    values: dict[str, Any] = {
        "line": line(),
        "demand": f"No more screenshots.\nFrom June on. {HOSTILE}",
        "reasons": f"They hold work of clients. {HOSTILE}",
        "answerer": "The employer",
        "created_at": at(9),
        "named": 4,
        "unnamed": None,
        "counted_on": TODAY,
        "employees": 200,
        "small": False,
        "goals": [
            Of(name="council", needed=10, reached_on=BEFORE),
            Of(name="employer", needed=20, reached_on=None),
            Of(name="employer", needed=None, reached_on=None),
        ],
        "looks_for_support": True,
        "discussed_on": None,
        "minutes": "",
        "result": "",
        "answered_on": None,
        "answered_by": "",
        "answer": "",
        "reason": "",
        "reason_words": "",
    }
    return Of(**(values | more))


def answered() -> Of:
    """One that was discussed and answered."""
    said = {"discussed_on": BEFORE, "minutes": HOSTILE, "result": HOSTILE}
    said |= {"answered_on": TODAY, "answered_by": HOSTILE, "answer": HOSTILE}
    return whole(unnamed=31, small=True, looks_for_support=False, line=line(signable=False), **said)


def petition(**more: Any) -> dict[str, Any]:
    """A petition's page."""
    values: dict[str, Any] = {
        "petition": whole(),
        "people": Of(author="Amira Kaya", names=("Ben O.", HOSTILE), more=True),
        "older": "/petitions/7?after=100",
        "newer": "",
        "page": 1,
        "signed": False,
        "started": True,
        "forgotten": False,
        "may": True,
        "history": [(BEFORE, "It found support and was opened.")],
        "terms": terms(),
        "ballot": ballot(str(ID)),
        "problem": "",
    }
    return values | more


def ended() -> dict[str, Any]:
    """Rejected long ago."""
    rejected = line(status="Rejected", tone="danger", ended_on=BEFORE, signable=False)
    over = whole(line=rejected, reason="It insults", reason_words=HOSTILE)
    return petition(
        petition=over, people=Of(author="", names=(), more=False), older="", started=False, forgotten=True, ballot=None
    )  # fmt: skip


def form(**more: Any) -> dict[str, Any]:
    """The form for a petition."""
    values: dict[str, Any] = {
        "form": PetitionForm(),
        "draft": "",
        "similar": [],
        "must_see": False,
        "problem": "",
        "terms": terms(),
    }
    return values | more


def wrong() -> dict[str, Any]:
    """It was sent, and there are similar ones."""
    given = PetitionForm(data={"title": HOSTILE, "demand": HOSTILE, "reasons": HOSTILE})
    given.title.errors = ["Say it in a few words."]
    return form(form=given, draft=str(ID), similar=[line()], must_see=True, problem="Too many.")


def how() -> dict[str, Any]:
    """The honest page."""
    own = ("petitions/blind.js", "ab" * 32, at(9), "/static/petitions/blind.js")
    files = [own, ("ballot/pages/page.js", "cd" * 32, None, "")]
    return {"files": files, "code_version": "1", "terms": terms(), "ballot_url": "http://127.0.0.1:8030"}


def agenda(**more: Any) -> dict[str, Any]:
    """The works council's agenda."""
    values: dict[str, Any] = {
        "due": [line(council_due=BEFORE), line(council_due=LATER)],
        "running": [line()],
        "ended": [line(ended_on=BEFORE)],
        "terms": terms(),
    }
    return values | PAGES | more


def at_council(**more: Any) -> dict[str, Any]:
    """A petition at the works council's desk."""
    values: dict[str, Any] = {
        "petition": whole(),
        "history": [],
        "may_discuss": True,
        "may_reject": True,
        "discuss": DiscussForm(),
        "reject": RejectForm(),
        "terms": terms(),
        "fingerprint": "ab12 cd34 ef56 ab12 cd34 ef56 ab12 cd34",
        "problem": "",
    }
    return values | more


def at_officer(**more: Any) -> dict[str, Any]:
    """A petition at the officer's desk."""
    values: dict[str, Any] = {
        "petition": whole(), "history": [], "may_answer": True, "form": AnswerForm(), "problem": ""
    }  # fmt: skip
    return values | more
