"""A picture is decided before a pixel is read, and thrown away if anything differs afterwards."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from collector.agent import Agent
from collector.desktop import Field, Rect, Snapshot
from collector.probes import screenshot
from collector.probes.screenshot import ScreenshotProbe
from collector.probes.window import WindowProbe
from tests.collector.world import World, desk, window
from wire.documents import Kind

PLACE = Rect(100, 100, 800, 600)
EDITOR = window("code", rect=PLACE)
ACROSS = window("keepassxc", id=2, rect=Rect(880, 0, 2000, 900))
ALLOWED = desk(EDITOR)
FORBIDDEN: dict[str, Snapshot] = {
    "a window over it, most of which is on the next monitor": Snapshot((ACROSS, EDITOR), EDITOR, Field.TEXT),
    "another program": desk(window("mail", rect=PLACE)),
    "a password field": desk(EDITOR, field=Field.PASSWORD),
    "a grabbed keyboard": desk(EDITOR, grabbed=True),
    "another user": desk(window("code", rect=PLACE, own_user=False)),
    "a private window": desk(window("code", rect=PLACE, private=True)),
    "no window": desk(None),
}


class Seen(WindowProbe):
    """Sees one desktop after the other."""

    def __init__(self, *desktops: Snapshot) -> None:
        self._desktops = list(desktops)

    async def look_now(self, agent: Agent) -> None:
        agent.recorder.see(self._desktops.pop(0))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def take(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[Rect], int]]:
    """Takes a picture while the desktop goes from one to the next: what was read, and how much of it was kept."""
    agent, read = world.agent(tmp_path), list[Rect]()
    agent.receive(world.message())

    def grab(rect: Rect) -> tuple[Image.Image, int]:
        read.append(rect)
        return Image.new("RGB", (rect.width, rect.height), (9, 9, 9)), 1

    monkeypatch.setattr(screenshot, "grab", grab)

    def taken(*desktops: Snapshot) -> tuple[list[Rect], int]:
        asyncio.run(ScreenshotProbe(Seen(*desktops)).take(agent))
        return read, sum(header.kind is Kind.SCREENSHOT for header, _ in world.spooled(agent))

    return taken


def test_only_the_permitted_windows_rectangle_is_read(take: Callable[..., tuple[list[Rect], int]]) -> None:
    assert take(ALLOWED, ALLOWED) == ([PLACE], 1)


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_pixel_is_read_where_something_forbids_it(
    take: Callable[..., tuple[list[Rect], int]], forbidden: Snapshot
) -> None:
    assert take(forbidden) == ([], 0)


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_comes_into_sight_meanwhile_costs_the_picture(
    take: Callable[..., tuple[list[Rect], int]], forbidden: Snapshot
) -> None:
    assert take(ALLOWED, forbidden) == ([PLACE], 0)


def test_a_window_that_moved_meanwhile_costs_the_picture(take: Callable[..., tuple[list[Rect], int]]) -> None:
    assert take(ALLOWED, desk(window("code", rect=Rect(120, 100, 800, 600)))) == ([PLACE], 0)
