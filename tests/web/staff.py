"""Who is signed in to open every page that there is, the desks' too."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from portal.core import clock
from portal.core.permissions import Permission, granted
from tests.provider.browser import Browser
from tests.web.routes import Route

HERS = granted(["hr"], left=False)
"""What Hana of HR may; Clara, of works council and privacy office, may the rest."""


def staff(signed_in: Callable[..., Browser]) -> tuple[Browser, Browser]:
    """Hana and Clara, signed in."""
    return signed_in("hana", groups=["HR team"]), signed_in("clara", groups=["Works council", "Privacy office"])


def who_may(people: tuple[Browser, ...], route: Route) -> Browser:
    """The one of them who may open `route`; an expert is the third."""
    if route.access.permission is Permission.EXPERT_DESK_READ:
        return people[2]
    hana, clara, *_ = people
    return hana if route.access.permission in {None, *HERS} else clara


def expert(clara: Browser, signed_in: Callable[..., Browser]) -> Browser:
    """Eva, signed in, whom Clara has given a seat in the evidence room."""
    account = f"eva-{uuid4()}@daylight.example"
    assert clara.sign_in("/sign-in?fresh=1").status_code == 303
    assert clara.post("/council/experts", seat(account)).location == "/council/experts"
    return signed_in("eva", email=account)


def seat(account: str, first: int = 0, last: int = 30) -> dict[str, str]:
    """The form of a seat, filled in; days from today on."""
    today = clock.now().astimezone(ZoneInfo("Europe/Berlin")).date()
    days = {"first": str(today + timedelta(days=first)), "last": str(today + timedelta(days=last))}
    return {"name": "Dr. Eva Exner", "account": account, "task": "§ 80 (3): statistics"} | days
