"""One installation, one browser process and a well-known person for all browser tests."""

import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from portal.operations.postgres import Postgres
from tests.browser import cast as casting
from tests.browser import people
from tests.browser.cast import Cast
from tests.browser.hands import Hands, SitsDown
from tests.browser.installation import Installation, installation
from tests.browser.people import Someone
from tests.cast import Organisation
from tests.provider.server import Behaviour, HostileProvider

CHROMIUM = "/usr/bin/chromium"
UNREAD = "ignore:.*portal/static/:pytest.PytestUnraisableExceptionWarning"
"""The test server leaves a style sheet open when a page is left before it was read."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(UNREAD))


@pytest.fixture(scope="package")
def installed(postgres: Postgres, environment: dict[str, str], organisation: Organisation) -> Iterator[Installation]:
    """The portal with all its processes."""
    with (
        tempfile.TemporaryDirectory() as files,
        installation(postgres, environment, organisation, Path(files)) as whole,
    ):
        yield whole


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def cast(browser: Browser, installed: Installation) -> Cast:
    """Everybody whose pages are looked at. An installation has them once."""
    return casting.assemble(browser, installed)


@pytest.fixture(scope="package")
def axe() -> str:
    """The source of axe-core."""
    found = find_spec("axe_playwright_python")
    assert found
    assert found.origin
    return (Path(found.origin).parent / "axe.min.js").read_text()


@pytest.fixture
def newcomer(browser: Browser, installed: Installation) -> Callable[..., Someone]:
    """Sign somebody new in: `newcomer("Ben Roth")`."""
    return lambda name="Amira Kaya", **claims: people.sign_in(browser, installed, name, **claims)


@pytest.fixture
def refusing(installed: Installation) -> Iterator[Callable[[], HostileProvider]]:
    """Call it, and the identity provider signs nobody in any more, until the end of the test."""

    def refuse() -> HostileProvider:
        installed.provider.behaviour = Behaviour(answer={"code": None, "error": "login_required"})
        return installed.provider

    yield refuse
    installed.provider.behaviour = Behaviour()


@pytest.fixture(params=["keyboard", "no script"])
def sits_down(request: pytest.FixtureRequest) -> Iterator[SitsDown]:
    """A person at a page with each kind of hands: `sits_down(hana, "/hr")`."""
    keyboard, opened = request.param == "keyboard", []

    def sit(someone: Someone, path: str) -> Hands:
        opened.append(someone.page(path, java_script_enabled=keyboard))
        return Hands(opened[-1].__enter__(), keyboard)

    yield sit
    for page in opened:
        page.__exit__(None, None, None)
