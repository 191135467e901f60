"""The blueprint of the desk, and what each of its views begins with: who acts, which request, from which page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, request
from flask_babel import lazy_gettext

from portal.core import clock
from portal.core.web.state import Desk, db, person
from portal.hr import queries
from portal.hr.actions import LosesError, Seen, TooLateError
from portal.hr.queries import Case
from portal.hr.rules import StaleError
from portal.requests.refusals import NotNowError
from portal.requests.rules import Actor, Role
from portal.requests.words import refusal

bp = Desk("hr", __name__, login="web_hr", url_prefix="/hr")
CONFLICT, UNPROCESSABLE = 409, 422
LONGEST_NUMBER = 1 << 62
STALE = lazy_gettext(
    "A colleague or the person changed this request since you opened the page. See what is new, then decide whether to "
    "send it again. What you wrote is still here."
)
TOO_LATE = lazy_gettext("The law allows to extend only inside the first period, and that is over, or used up.")
LOSES = lazy_gettext(
    "The newer request asks for more than the older one, so merging would lose something. Decide both."
)


def actor() -> Actor:
    """The signed-in person as HR."""
    return Actor(person().id, Role.HR, person().name)


def case_or_404(number: int) -> Case:
    """The request of that number; 404 where there is none, and for the reader's own."""
    found = queries.case(db(), number) if number < LONGEST_NUMBER else None
    if found is None:
        abort(404)
    return found


def seen() -> Seen:
    """Who acts, and from which page: its newest event is in the form. 400 for a form without it."""
    event = request.form.get("seen", type=int)
    if event is None or event < 1:
        abort(400)
    return Seen(actor(), clock.now(), event)


def text(name: str) -> str:
    """A field of the form, without blanks around it."""
    return request.form.get(name, "").strip()


def uuid(name: str) -> UUID | None:
    """An id in the form, None for an empty field. 400 for anything else."""
    given = text(name)
    try:
        return UUID(given) if given else None
    except ValueError:
        abort(400)


def tried(act: Callable[[], Any]) -> str:
    """Do it; '' when it is done, else why not, as a sentence. Somebody else's object is a 404."""
    try:
        act()
    except StaleError:
        return str(STALE)
    except NotNowError as error:
        return refusal(error.why)
    except TooLateError:
        return str(TOO_LATE)
    except LosesError:
        return str(LOSES)
    except LookupError:
        abort(404)
    return ""
