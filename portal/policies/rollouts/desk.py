"""The two desks that see how a policy goes out: the officer acts, the council reads, without small numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from flask import abort, request, url_for

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.state import Desk, db
from portal.policies.models import PolicyRow, Rollout
from portal.policies.rollouts import queries

LARGEST_NUMBER = 1 << 53


@dataclass(frozen=True)
class Side:
    """One desk with what its pages ask for."""

    bp: Desk
    read: Permission


OFFICER: Final = Side(
    Desk("officer_rollouts", __name__, login="web_officer", url_prefix="/officer/rollouts"),
    Permission.OFFICER_POLICY_READ,
)
COUNCIL: Final = Side(
    Desk("council_rollouts", __name__, login="web_council", url_prefix="/council/rollouts"),
    Permission.COUNCIL_POLICY_READ,
)
SIDES: Final = (OFFICER, COUNCIL)


def acts() -> bool:
    """Whether this desk is the one that may change a rollout."""
    return request.blueprint == OFFICER.bp.name


def address(page: str, **values: Any) -> str:
    """The address of one of this desk's own pages."""
    return url_for(f"{request.blueprint}.{page}", **values)


def rollout_or_404(version: int, *, change: bool = False) -> tuple[Rollout, PolicyRow]:
    """The rollout of this version."""
    found = queries.rollout(db(), version, change=change) if version < LARGEST_NUMBER else None
    if found is None:
        abort(404)
    return found


def read(path: str, view: Callable[..., Any]) -> None:
    """Give both desks a page."""
    for one in SIDES:
        one.bp.add_url_rule(path, view.__name__, requires(one.read)(_own(view)), methods=["GET"])


def change(path: str, view: Callable[..., Any]) -> None:
    """Give the officer an act: with a fresh sign-in (S07)."""
    guarded = fresh(requires(Permission.OFFICER_POLICY_SIGN)(_own(view)))
    OFFICER.bp.add_url_rule(path, view.__name__, guarded, methods=["POST"])


def _own(view: Callable[..., Any]) -> Callable[..., Any]:
    """A copy for one desk, since who may stands on the function itself."""

    @wraps(view)
    def shown(**values: Any) -> Any:
        return view(**values)

    return shown
