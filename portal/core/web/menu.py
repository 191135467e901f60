"""The ways between pages: own pages in the bar, desks above it. Each feature adds its entries in its wiring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from flask import Flask, current_app, request
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.permissions import Permission
from portal.core.web import state
from portal.core.web.person import Person


class Group(StrEnum):
    """Entries that stand together under one word, so that a desk with many pages has one row."""

    FIGURES = "figures"
    POLICIES = "policies"
    EVIDENCE = "evidence"


WORDS: Final[Mapping[Group, LazyString]] = {
    Group.FIGURES: lazy_gettext("Figures"),
    Group.POLICIES: lazy_gettext("Policies"),
    Group.EVIDENCE: lazy_gettext("Evidence"),
}


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
    pages: tuple[str, ...] = ()
    """Endpoints of further pages that count as this one."""
    leads: bool = False
    """Whether this is the first page of its desk, by which the desk itself is reached; its label names the desk."""
    group: Group | None = None
    """Under which word it stands; alone there, it stands for itself."""


@dataclass(frozen=True)
class Link:
    """An entry as a template draws it, or with `links` a group: without a page, current where one of its pages is."""

    label: str
    endpoint: str
    current: bool
    links: tuple["Link", ...] = ()


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
    """The pages beside the one shown: the own ones, or the desk's. A group stands where its first one does."""
    here = state.login()
    entries = [entry for entry in _open_to(person) if entry.desk == here and not entry.leads]
    inside: dict[Group | Entry, list[Entry]] = {}
    for entry in entries:
        inside.setdefault(entry.group or entry, []).append(entry)
    return [_drawn(key, [_link(entry) for entry in found]) for key, found in inside.items()]


def _drawn(key: Group | Entry, links: list[Link]) -> Link:
    if not isinstance(key, Group) or len(links) == 1:
        return links[0]
    return Link(str(WORDS[key]), "", any(link.current for link in links), tuple(links))


def _link(entry: Entry) -> Link:
    return Link(str(entry.label), entry.endpoint, _current(entry))


def desks(person: Person) -> list[Link]:
    """The desks this person has; empty for most people."""
    here = state.login()
    return [Link(str(entry.label), entry.endpoint, entry.desk == here) for entry in _open_to(person) if entry.leads]


def _open_to(person: Person) -> list[Entry]:
    entries: list[Entry] = current_app.extensions["menu"].entries
    return sorted((entry for entry in entries if person.may(entry.permission)), key=lambda entry: entry.rank)


def _current(entry: Entry) -> bool:
    """A page counts for all of its feature, so that `/data/<day>` still says where one is, unless another names it."""
    here = request.endpoint or ""
    if here in (entry.endpoint, *entry.pages):
        return True
    return here.split(".")[0] in {entry.endpoint.split(".")[0], *entry.features} and not (
        entry.alone or _named(entry.desk, here)
    )


def _named(desk: str, endpoint: str) -> bool:
    entries: list[Entry] = current_app.extensions["menu"].entries
    return any(endpoint in (one.endpoint, *one.pages) for one in entries if one.desk == desk and not one.leads)
