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
    """Every fold. An open menu would cover what lies under it: that is a page of its own."""
    page.eval_on_selector_all("details:not(.menu)", "all => all.forEach(one => { one.open = true })")


def open_menu(*kinds: str) -> Callable[[Page], None]:
    """The first menu of each of these kinds, with nothing under it."""

    def opened(page: Page) -> None:
        page.eval_on_selector("main", "main => main.replaceChildren(main.querySelector('h1'))")
        for kind in kinds:
            page.eval_on_selector(f"details.menu.{kind}", "one => { one.open = true }")

    return opened
