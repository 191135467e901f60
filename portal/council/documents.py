"""Papers in the evidence room: minutes, agendas, impact assessments, incidents. Plain text; versions only add up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.council import actions, forms, looking, queries, words
from portal.council.desk import bp, expert, officer, own
from portal.council.forms import Typed
from portal.council.models import COUNCILS, OFFICERS, Paper, RoomDocument, What


@dataclass(frozen=True)
class Shelf:
    """Who reads papers, and who writes which; `write` None: only reading."""

    blueprint: Blueprint
    read: Permission
    write: Permission | None = None
    kinds: tuple[Paper, ...] = ()
    role: str = ""


SHELVES = (
    Shelf(bp, Permission.COUNCIL_DESK_READ, Permission.COUNCIL_DOCUMENT_CHANGE, COUNCILS, "works_council"),
    Shelf(officer, Permission.OFFICER_DESK_READ, Permission.OFFICER_DOCUMENT_CHANGE, OFFICERS, "privacy_officer"),
    Shelf(expert, Permission.EXPERT_DESK_READ),
)


@officer.get("")
@requires(Permission.OFFICER_DESK_READ)
def room() -> ResponseReturnValue:
    """The officer's part of the room: all papers, and who looked."""
    looking.note(What.ROOM)
    return render_template("council/papers.html", papers=queries.papers(db()), kinds=words.PAPERS, desk=officer.name)


@own.get("/minutes")
@requires(Permission.STATISTICS_READ)
def minutes() -> ResponseReturnValue:
    """What the works council told everybody."""
    return render_template("council/minutes.html", papers=queries.papers(db(), told=True))


def add(shelf: Shelf) -> None:
    """Give a shelf's readers their pages."""
    paths: dict[str, tuple[str, str, Callable[..., ResponseReturnValue], Permission | None]] = {
        "document": ("GET", "/documents/<uuid:document>", _one, shelf.read),
        "document_submit": ("POST", "/documents/<uuid:document>", _again, shelf.write),
        "document_new": ("GET", "/documents/new", _new, shelf.write),
        "document_new_submit": ("POST", "/documents/new", _first, shelf.write),
    }
    for endpoint, (method, path, view, permission) in paths.items():
        if permission is not None:
            shelf.blueprint.add_url_rule(path, endpoint, _guarded(shelf, permission, view), methods=[method])


def _guarded(
    shelf: Shelf, permission: Permission, view: Callable[..., ResponseReturnValue]
) -> Callable[..., ResponseReturnValue]:
    def shown_to_them(**arguments: Any) -> ResponseReturnValue:
        return view(shelf, **arguments)

    return requires(permission)(shown_to_them)


def _one(shelf: Shelf, document: UUID) -> ResponseReturnValue:
    versions = _versions_or_404(document)
    looking.note(What.DOCUMENT, document)
    return _page(shelf, versions, forms.of(versions[0]))


def _again(shelf: Shelf, document: UUID) -> ResponseReturnValue:
    """Another version: the ones before stay."""
    versions = _versions_or_404(document)
    if versions[0].kind not in shelf.kinds:
        abort(403)
    typed = forms.read(request.form, (versions[0].kind,))
    if typed.errors:
        return _page(shelf, versions, typed), 422
    if not actions.write(db(), person().id, shelf.role, typed.paper(document, _seen() + 1)):
        typed.errors["text"] = gettext("A newer version was written meanwhile. Read it first, then write yours.")
        return _page(shelf, _versions_or_404(document), typed), 409
    flash(gettext("The new version is in the room."), "success")
    return see_other(url_for(f"{shelf.blueprint.name}.document", document=document))


def _new(shelf: Shelf) -> ResponseReturnValue:
    today = clock.local_day(clock.now(), ZoneInfo(person().timezone))
    return _form(shelf, Typed(forms.EMPTY | {"kind": shelf.kinds[0].value, "on_day": today.isoformat()}))


def _first(shelf: Shelf) -> ResponseReturnValue:
    typed, new = forms.read(request.form, shelf.kinds), uuid4()
    if typed.errors:
        return _form(shelf, typed), 422
    actions.write(db(), person().id, shelf.role, typed.paper(new, 1))
    flash(gettext("It is in the room."), "success")
    return see_other(url_for(f"{shelf.blueprint.name}.document", document=new))


def _seen() -> int:
    """The version that somebody read before writing; 0 for anything that is none."""
    return request.form.get("version", 0, type=int) % 10_000


def _versions_or_404(document: UUID) -> list[RoomDocument]:
    return queries.versions(db(), document) or abort(404)


def _page(shelf: Shelf, versions: list[RoomDocument], typed: Typed) -> str:
    return render_template(
        "council/document.html",
        versions=versions,
        kind=words.PAPERS[versions[0].kind],
        may_write=versions[0].kind in shelf.kinds,
        desk=shelf.blueprint.name,
        **_fields(typed, (versions[0].kind,)),
    )


def _form(shelf: Shelf, typed: Typed) -> str:
    return render_template("council/document_new.html", desk=shelf.blueprint.name, **_fields(typed, shelf.kinds))


def _fields(typed: Typed, kinds: tuple[Paper, ...]) -> dict[str, object]:
    options = [(kind.value, words.PAPERS[kind]) for kind in kinds]
    return {"typed": forms.EMPTY | typed.values, "errors": forms.EMPTY | typed.errors, "options": options}


for _shelf in SHELVES:
    add(_shelf)
