"""The two desks that may stop for all: the same pages, each with its own login, so that each sees what it may."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import UUID

from flask import abort, request, url_for

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.state import Desk, db
from portal.stops import queries
from portal.stops.models import StopRow


@dataclass(frozen=True)
class Side:
    """One desk with what its pages ask for. `names_devices`: whether it sees which devices were not reached."""

    bp: Desk
    read: Permission
    change: Permission
    names_devices: bool


OFFICER: Final = Side(
    Desk("officer_stops", __name__, login="web_officer", url_prefix="/officer/stops"),
    Permission.OFFICER_STOP_READ,
    Permission.OFFICER_STOP_CHANGE,
    names_devices=True,
)
COUNCIL: Final = Side(
    Desk("council_stops", __name__, login="web_council", url_prefix="/council/stops"),
    Permission.COUNCIL_STOP_READ,
    Permission.COUNCIL_STOP_CHANGE,
    names_devices=False,
)
SIDES: Final = (OFFICER, COUNCIL)


def side() -> Side:
    """The desk whose page is asked for."""
    return next(one for one in SIDES if one.bp.name == request.blueprint)


def address(page: str, **values: Any) -> str:
    """The address of one of this desk's own pages."""
    return url_for(f"{side().bp.name}.{page}", **values)


def stop_or_404(stop_id: UUID, *, change: bool = False) -> StopRow:
    """The stop with this id."""
    found = queries.stop(db(), stop_id, change=change)
    if found is None:
        abort(404)
    return found


def read(path: str, view: Callable[..., Any]) -> None:
    """Give both desks a page."""
    for one in SIDES:
        one.bp.add_url_rule(path, view.__name__, requires(one.read)(_own(view)), methods=["GET"])


def change(path: str, view: Callable[..., Any], method: str = "POST") -> None:
    """Give both desks an act, or the page before one: with a fresh sign-in (S07)."""
    for one in SIDES:
        one.bp.add_url_rule(path, view.__name__, fresh(requires(one.change)(_own(view))), methods=[method])


def _own(view: Callable[..., Any]) -> Callable[..., Any]:
    """A copy for one desk, since who may stands on the function itself."""

    @wraps(view)
    def shown(**values: Any) -> Any:
        return view(**values)

    return shown
