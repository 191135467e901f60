"""Redaction on reconstructed text: before anything is sealed, found stretches become marks; timing stays.

Keys are read twice, as typed and as corrected with backspaces, so that neither a mistake nor its correction hides an
identifier. Everything typed between the first and the last key of a finding goes, also what was typed and taken back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector import sensitivity
from wire.content import REDACTED

Names = frozenset[str]


@dataclass(frozen=True)
class KeyEvent:
    """One key at server time `at`; `name` as in wire.content.KEY_EVENTS."""

    at: int
    name: str
    text: str


def redact_text(text: str, names: Names) -> tuple[str, Names]:
    """The text with a mark for each character found, and the names of the classes found."""
    findings = sensitivity.find(text, names)
    if not findings:
        return text, frozenset()
    characters = list(text)
    for finding in findings:
        for at in range(finding.start, finding.end):
            if not characters[at].isspace():
                characters[at] = REDACTED
    return "".join(characters), frozenset(finding.name for finding in findings)


def masks(events: Sequence[KeyEvent], names: Names) -> dict[int, Names]:
    """Index of each key event to redact → names of the classes found there."""
    found: dict[int, Names] = {}
    for characters in (_typed(events), _corrected(events)):
        text = "".join(character for character, _ in characters)
        for finding in sensitivity.find(text, names):
            indexes = [index for _, index in characters[finding.start : finding.end]]
            for index in range(min(indexes), max(indexes) + 1):
                if events[index].name in {"char", "redacted"}:
                    found[index] = found.get(index, frozenset()) | {finding.name}
    return found


def mark(events: Sequence[KeyEvent], masked: Iterable[int]) -> list[KeyEvent]:
    """The events with those at `masked` redacted; their times stay."""
    hidden = set(masked)
    return [KeyEvent(event.at, "redacted", "") if at in hidden else event for at, event in enumerate(events)]


def reconstruct(events: Sequence[KeyEvent]) -> str:
    """The text that the keys left behind, with marks for redacted ones."""
    return "".join(character for character, _ in _corrected(events))


def _typed(events: Sequence[KeyEvent]) -> list[tuple[str, int]]:
    pairs = ((_character(event), index) for index, event in enumerate(events))
    return [(character, index) for character, index in pairs if character]


def _corrected(events: Sequence[KeyEvent]) -> list[tuple[str, int]]:
    left: list[tuple[str, int]] = []
    for index, event in enumerate(events):
        if event.name == "backspace":
            del left[-1:]
        elif event.name == "down" and event.text == "ctrl+backspace":
            _drop_word(left)
        elif character := _character(event):
            left.append((character, index))
    return left


def _drop_word(left: list[tuple[str, int]]) -> None:
    while left and left[-1][0].isspace():
        left.pop()
    while left and not left[-1][0].isspace():
        left.pop()


def _character(event: KeyEvent) -> str:
    match event.name:
        case "char":
            return event.text[:1]
        case "enter":
            return "\n"
        case "redacted":
            return REDACTED
        case "down" if event.text == "tab":
            return "\t"
    return ""
