"""The ways between pages: own pages in the bar, desks above it. Each feature adds its entries in its wiring."""

from dataclasses import dataclass, field

from flask import Flask, current_app, request
from flask_babel.speaklater import LazyString

from portal.core.permissions import Permission
from portal.core.web import state
from portal.core.web.person import Person


@dataclass(frozen=True)
class Entry:
    """A page in the menu of the own pages, or, with `desk`, of the desk that runs as this database login."""

    rank: int
    label: LazyString
    endpoint: str
    permission: Permission
    desk: str = state.OWN_PAGES
    features: tuple[str, ...] = ()
    """Further features whose pages count as this one."""
    alone: bool = False
    """Whether only this very page counts as it, not every page of its feature."""
    leads: bool = False
    """Whether this is the first page of its desk, by which the desk itself is reached; its label names the desk."""


@dataclass(frozen=True)
class Link:
    """An entry as a template draws it."""

    label: str
    endpoint: str
    current: bool


@dataclass
class Menu:
    """All entries, sorted when asked."""

    entries: list[Entry] = field(default_factory=list)


def register(app: Flask) -> None:
    """Give every page `navigation` and `desks`."""
    app.extensions["menu"] = Menu()


def add(app: Flask, *entries: Entry) -> None:
    """Add entries; called by the wiring of features."""
    app.extensions["menu"].entries.extend(entries)


def navigation(person: Person) -> list[Link]:
    """The pages beside the one shown: the own ones, or on a desk the desk's."""
    here = state.login()
    entries = [entry for entry in _open_to(person) if entry.desk == here and not entry.leads]
    return [Link(str(entry.label), entry.endpoint, _current(entry)) for entry in entries]


def desks(person: Person) -> list[Link]:
    """The desks this person has; empty for most people."""
    here = state.login()
    return [Link(str(entry.label), entry.endpoint, entry.desk == here) for entry in _open_to(person) if entry.leads]


def _open_to(person: Person) -> list[Entry]:
    entries: list[Entry] = current_app.extensions["menu"].entries
    return sorted((entry for entry in entries if person.may(entry.permission)), key=lambda entry: entry.rank)


def _current(entry: Entry) -> bool:
    """A page counts for all of its feature, so that `/data/<day>` still says where one is."""
    if entry.alone:
        return request.endpoint == entry.endpoint
    return (request.endpoint or "").split(".")[0] in {entry.endpoint.split(".")[0], *entry.features}
