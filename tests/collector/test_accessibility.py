"""What the accessibility interface no longer tells is unknown."""

import asyncio
import subprocess
from collections.abc import Iterator

import pytest
from jeepney import DBusAddress
from jeepney.io.asyncio import DBusRouter, open_dbus_connection

from collector.accessibility import Accessibility, Focus
from collector.desktop import Field
from tests.collector.world import desk, window


@pytest.fixture
def bus() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE)
    yield process
    process.terminate()
    process.wait(timeout=30)
    assert process.stdout
    process.stdout.close()


def test_page_and_field_are_unknown_once_the_bus_is_gone(bus: "subprocess.Popen[bytes]") -> None:
    assert bus.stdout
    address = bus.stdout.readline().decode().strip()
    shown = desk(window("chromium", pid=7), field=Field.UNKNOWN)

    async def scenario() -> None:
        connection = await open_dbus_connection(address)
        eyes, router = Accessibility(lambda: None), DBusRouter(connection)
        focused = DBusAddress("/focused", ":1.1", "org.a11y.atspi.Accessible")
        eyes._router, eyes._focus = router, Focus(7, focused, focused, "")
        bus.terminate()
        await asyncio.gather(router._rcv_task, return_exceptions=True)
        assert await eyes.complete(shown) == shown
        connection.writer.close()

    asyncio.run(scenario())
