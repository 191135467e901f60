"""Who is signed in to open every page that there is, the desks' too."""

from collections.abc import Callable

from portal.core.permissions import granted
from tests.provider.browser import Browser
from tests.web.routes import Route

HERS = granted(["hr"], left=False)
"""What Hana of HR may; Clara, of works council and privacy office, may the rest."""


def staff(signed_in: Callable[..., Browser]) -> tuple[Browser, Browser]:
    """Hana and Clara, signed in."""
    return signed_in("hana", groups=["HR team"]), signed_in("clara", groups=["Works council", "Privacy office"])


def who_may(people: tuple[Browser, Browser], route: Route) -> Browser:
    """The one of them who may open `route`."""
    hana, clara = people
    return hana if route.access.permission in {None, *HERS} else clara
