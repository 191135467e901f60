"""A page as one person sees it, and what is done on many of them before one looks."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.cast import Cast


@dataclass(frozen=True)
class Shown:
    """A page as one person sees it: its address, and what is done on it before one looks. `who` '': nobody."""

    endpoint: str
    path: Callable[[Cast], str]
    who: str = "amira"
    then: Callable[[Page], None] | None = None
    status: int = 200


def at(path: str) -> Callable[[Cast], str]:
    """The same address for everybody."""
    return lambda cast: path.replace("<day>", cast.day.isoformat())


def of_stop(desk: str, name: str) -> Callable[[Cast], str]:
    """A desk's page of a stop for all."""
    return lambda cast: f"/{desk}/stops/{cast.stops[name]}"


def of_release(query: str, desk: str = "council") -> Callable[[Cast], str]:
    """The newest week, as the council or an employee reads it."""
    return lambda cast: f"/{desk}/releases/{cast.release}{query}"


def of_petition(name: str, path: str = "/petitions/{}") -> Callable[[Cast], str]:
    """The petition that stands so."""
    return lambda cast: path.format(cast.petitions[name])


def post(page: Page, form: str, field: str, value: str) -> None:
    """Fill in one field and send the form, whatever the browser would say about the value."""
    page.eval_on_selector(form, "form => { form.noValidate = true }")
    page.fill(f"{form} [name={field}]", value)
    with page.expect_navigation():
        page.click(f"{form} button")


def open_all(page: Page) -> None:
    """Every menu and every fold."""
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
