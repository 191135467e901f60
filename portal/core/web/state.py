"""What a request works with: settings, database, person, and one transaction that ends with the answer."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, has_request_context, request
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.core.config import Settings
from portal.core.db import Database
from portal.core.web.person import Person

OWN_PAGES = "web_employee"
ERROR_STATUS = 400
STATEMENTS_HEADER = "Daylight-Statements"


class Desk(Blueprint):
    """A blueprint whose pages run as another database login than the own pages: web_hr, web_council, web_officer."""

    def __init__(self, name: str, import_name: str, *, login: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.login = login


@dataclass(frozen=True)
class State:
    """What the application holds for all requests."""

    settings: Settings
    database: Database
    page_values: dict[str, Callable[[], object]] = field(default_factory=dict)
    """Name in templates → what computes it for a page of a signed-in person; never called for an error page."""
    form_targets: list[Callable[[], set[str]]] = field(default_factory=list)
    """Give other origins a form may lead to: the identity provider's, for signing out and in again."""


def register(app: Flask, settings: Settings, database: Database) -> None:
    """Hold the state, and end each request's transaction with its answer."""
    app.extensions["daylight"] = State(settings, database)
    app.after_request(_finish)
    app.teardown_request(_abandon)
    if app.testing and not event.contains(Engine, "before_cursor_execute", _count):
        event.listen(Engine, "before_cursor_execute", _count)


def of(app: Flask) -> State:
    """The state of `app`, for wiring."""
    return cast(State, app.extensions["daylight"])


def state() -> State:
    """The state of the application that answers now."""
    return of(current_app)


def settings() -> Settings:
    """The settings of the process."""
    return state().settings


def database() -> Database:
    """The database, for what needs a transaction of its own; views use `db()`."""
    return state().database


def signed_in() -> Person | None:
    """The person, or None on a public page."""
    return cast("Person | None", g.get("person"))


def person() -> Person:
    """The signed-in person. Only for views with `@requires`, where there always is one."""
    found = signed_in()
    if found is None:
        raise RuntimeError("a public page has no person")
    return found


def login() -> str:
    """The database login of the page: that of its desk, else the one for people's own rows (also for HR's people)."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return blueprint.login if isinstance(blueprint, Desk) else OWN_PAGES


def db() -> Session:
    """The request's one session: opened when first asked for, acting for the person, committed with the answer."""
    if "transaction" not in g:
        transaction = database().transaction(login(), person().id)
        g.session = transaction.__enter__()
        g.transaction = transaction
    return cast(Session, g.session)


def rolls_back() -> bool:
    """Whether the request's transaction is open, so that an error as the answer undoes what was done in it."""
    return "transaction" in g


def asks_elsewhere() -> None:
    """Note that another process is asked to act, or the database to commit: no error as the answer undoes that."""
    g.may_stand = True


def may_stand() -> bool:
    """Whether something that this request did, or had done, may stand although it ends with an error."""
    return bool(g.get("may_stand", False))


@contextmanager
def own() -> Iterator[Session]:
    """The person's own rows, also on a page of a desk, whose login does not see them: that one reads apart."""
    if login() == OWN_PAGES:
        yield db()
    else:
        with database().transaction(OWN_PAGES, person().id) as session:
            yield session


def _finish(response: Response) -> Response:
    """Commit before the answer leaves if it is a good one, else roll back."""
    if "transaction" in g:
        if response.status_code >= ERROR_STATUS:
            _abandon()
        else:
            asks_elsewhere()
            _leave()
    if current_app.testing:
        response.headers[STATEMENTS_HEADER] = str(g.get("statements", 0))
    return response


def _leave() -> None:
    transaction = cast("AbstractContextManager[Session]", g.pop("transaction"))
    g.pop("session")
    transaction.__exit__(None, None, None)


def _abandon(_error: BaseException | None = None) -> None:
    """Roll back, also what an exception in another `after_request` left open, and also when the database is gone."""
    if "transaction" in g:
        with suppress(SQLAlchemyError):
            g.session.rollback()
        with suppress(SQLAlchemyError):
            _leave()


def _count(*_details: object) -> None:
    if has_request_context():
        g.statements = g.get("statements", 0) + 1
