"""What is on the screen, as every window system tells it: plain values, compared and classified elsewhere."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Field(StrEnum):
    """The field that has the keyboard, by the accessibility interface."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105 - a kind of field
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rect:
    """A rectangle on the virtual screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether the point lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def meets(self, other: "Rect") -> bool:
        """Whether the two share a pixel."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Window:
    """A visible window. `apps`: lower-case class, instance and program name; `url`: of the page it shows, if known."""

    id: int
    apps: tuple[str, ...]
    title: str
    rect: Rect
    own_user: bool = True
    url: str | None = None
    private: bool = False
    pid: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """All visible windows of all monitors, topmost first; the active one, if it is known; the focused field."""

    windows: tuple[Window, ...] = ()
    active: Window | None = None
    field: Field = Field.UNKNOWN
    grabbed: bool = False
    screen: tuple[int, int] = (0, 0)

    def at(self, x: int, y: int) -> Window | None:
        """The topmost window under a point."""
        return next((window for window in self.windows if window.rect.holds(x, y)), None)


class Desktop(Protocol):
    """A window system."""

    def look(self) -> Snapshot:
        """The desktop at this instant. Raises OSError when the window system cannot tell."""
        ...
