"""What every tray shows: a picture of the state, its sentence, and what can be done about it. Knows no tray."""

import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from gettext import gettext

from PIL import Image, ImageDraw

from collector import status
from collector.agent import Agent
from collector.permission import Reason, Scope

SIDE = 48
MINUTES = 30
RED, GREY, WHITE = (176, 0, 32, 255), (84, 96, 112, 255), (255, 255, 255, 255)


class Face(StrEnum):
    """What the picture tells: told apart by shape, not by colour alone."""

    RECORDING = "recording"
    PAUSED = "paused"
    STOPPED = "stopped"
    OFF = "off"


@dataclass(frozen=True)
class Entry:
    """A line of the menu. Without `act`, or while not `enabled`, it only tells; without `label` it is a line across."""

    label: str
    act: Callable[[Agent], None] | None = None
    enabled: bool = False


def face(scope: Scope) -> Face:
    """The picture of a state."""
    if scope.permitted:
        return Face.RECORDING
    if scope.reason in {Reason.PAUSED, Reason.PAUSED_HERE}:
        return Face.PAUSED
    return Face.STOPPED if scope.reason is Reason.STOPPED else Face.OFF


def sentence(scope: Scope) -> str:
    """What the tray says when pointed at."""
    return f"Daylight: {status.sentence(scope.reason, permits=bool(scope.permitted))}"


def entries(agent: Agent, scope: Scope) -> tuple[Entry, ...]:
    """The menu, always in this order."""
    here = agent.permission.local_pause is not None
    pause = gettext("Pause this device for %(minutes)d minutes") % {"minutes": MINUTES}
    told = (
        Entry(status.sentence(scope.reason, permits=bool(scope.permitted))),
        Entry(""),
        Entry(pause, lambda agent: agent.pause_here(MINUTES), enabled=not here),
        Entry(gettext("Resume on this device"), lambda agent: agent.resume_here(), enabled=here),
    )
    if agent.identity.portal is None:
        return told
    return (*told, Entry(gettext("Open the portal"), _open_portal, enabled=True))


def icon(shown: Face) -> Image.Image:
    """A disc with a dot, two bars or a square; an empty ring while there is no permission."""
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    if shown is Face.OFF:
        pen.ellipse((4, 4, 43, 43), outline=GREY, width=7)
        return image
    pen.ellipse((2, 2, 45, 45), fill=RED if shown is Face.RECORDING else GREY)
    if shown is Face.RECORDING:
        pen.ellipse((16, 16, 31, 31), fill=WHITE)
    elif shown is Face.PAUSED:
        pen.rectangle((15, 13, 20, 34), fill=WHITE)
        pen.rectangle((27, 13, 32, 34), fill=WHITE)
    else:
        pen.rectangle((15, 15, 32, 32), fill=WHITE)
    return image


def _open_portal(agent: Agent) -> None:
    """Lets the person's own browser open it. Some end only when they are closed: nobody waits for that."""
    threading.Thread(target=webbrowser.open, args=(agent.identity.portal,), daemon=True).start()
