"""What every page is given: language, zone, colours, person, menu, and what features add."""

from collections.abc import Callable
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from flask import Flask, request, session
from flask_babel import Babel
from jinja2 import StrictUndefined

from portal.core import clock
from portal.core.web import errors, formats, menu, state
from portal.core.web.htmx import wants_fragment

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
THEMES: Final = ("", "light", "dark")
FORMATS: Final = {"en": "en_GB", "de": "de"}
"""Language → the locale that dates and numbers follow."""
FALLBACK_ZONE: Final = "UTC"
VERSION: Final = "0.1.0"


def register(app: Flask) -> None:
    """Languages and time zones, and the values that base.html names."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    Babel(
        app,
        default_locale="en_GB",
        default_timezone=FALLBACK_ZONE,
        locale_selector=lambda: FORMATS[language()],
        timezone_selector=_zone,
    )
    formats.register(app)
    app.context_processor(_values)


def add_value(app: Flask, name: str, compute: Callable[[], object]) -> None:
    """Give whole pages of signed-in people the value `name`; `compute` may use `db()`. Not for errors and fragments."""
    state.of(app).page_values[name] = compute


def language() -> str:
    """The person's language, else the one chosen in this browser, else the best of what the browser accepts."""
    person = state.signed_in()
    for wished in (person.locale if person else None, session.get("locale")):
        if wished in LANGUAGES:
            return cast(str, wished)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _zone() -> str:
    person = state.signed_in()
    return person.timezone if person else FALLBACK_ZONE


def _values() -> dict[str, Any]:
    person = state.signed_in()
    whole = person is not None and not errors.failed() and not wants_fragment()
    now = clock.now()
    values: dict[str, Any] = {
        "locale": language(),
        "theme": session.get("theme", ""),
        "person": person,
        "navigation": menu.navigation(person) if person else [],
        "desks": menu.desks(person) if person else [],
        "bar": None,
        "now": now,
        "today": now.astimezone(ZoneInfo(_zone())).date(),
        "demo": state.settings().demo,
        "security_contact": state.settings().security_contact or "",
        "version": VERSION,
    }
    computed = state.state().page_values.items() if whole and not (person and person.expert) else ()
    return values | {name: compute() for name, compute in computed}
