"""A draft as YAML: plain mappings, lists and texts, each with its line. Nothing else of YAML is let in.

No anchor, alias, tag, merge or second document: none is needed, and each has brought down a reader before. A scalar
stays the text that was written (YAML alone would read 08:30 as 510 and `no` as false); `reading` says what it must be.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from portal.policies.drafts.rules import Problem

LONGEST: Final = 64 * 1024
DEEPEST: Final = 6
MOST_PARTS: Final = 5000
Tree = dict[str, Any] | list[Any] | str


class YamlError(Exception):
    """The text cannot be read; the problem says why, and on which line."""

    def __init__(self, code: str, line: int, **parameters: str) -> None:
        super().__init__(code)
        self.problem = Problem("", code, dict(parameters), line)


@dataclass
class Read:
    """What a text holds: mappings, lists and texts, and the line on which each path begins."""

    tree: Tree
    lines: dict[str, int] = field(default_factory=dict)


def read(text: str) -> Read:
    """The tree of a YAML text. Raises YamlError."""
    if len(text.encode()) > LONGEST:
        raise YamlError("yaml_long", 1)
    events = _events(text)
    if not events:
        raise YamlError("yaml_empty", 1)
    found = Read("")
    found.tree = _Reader(events, found.lines).value("", 0)
    if not isinstance(found.tree, dict):
        raise YamlError("yaml_not_mapping", 1)
    return found


def _events(text: str) -> list[Event]:
    """The events of the one document, each checked to be of the part of YAML that is read here."""
    kept: list[Event] = []
    documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = _line(event)
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                raise YamlError("yaml_documents", line)
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                raise YamlError("yaml_alias", line)
            if getattr(event, "tag", None):
                raise YamlError("yaml_tag", line)
            if isinstance(event, _PARTS):
                kept.append(event)
            if len(kept) > MOST_PARTS:
                raise YamlError("yaml_long", line)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise YamlError("yaml_syntax", mark.line + 1 if mark else 1) from error
    return kept


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


_PARTS = (ScalarEvent, MappingStartEvent, MappingEndEvent, SequenceStartEvent, SequenceEndEvent)


class _Reader:
    """Takes events one after the other and builds the tree of them."""

    def __init__(self, events: list[Event], lines: dict[str, int]) -> None:
        self.events, self.lines, self.at = events, lines, 0

    def value(self, path: str, depth: int) -> Tree:
        """The next value, at `path`."""
        event = self.events[self.at]
        self.at += 1
        line = _line(event)
        self.lines.setdefault(path, line)
        if depth > DEEPEST:
            raise YamlError("yaml_deep", line)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        return str(event.value) if isinstance(event, ScalarEvent) else ""

    def _mapping(self, path: str, depth: int) -> Tree:
        found: dict[str, Any] = {}
        while not isinstance(self.events[self.at], MappingEndEvent):
            event = self.events[self.at]
            self.at += 1
            line = _line(event)
            if not isinstance(event, ScalarEvent):
                raise YamlError("yaml_key", line)
            key = event.value
            if key in found:
                raise YamlError("yaml_twice", line, name=key[:60])
            inner = f"{path}.{key}" if path else key
            self.lines[inner] = line
            found[key] = self.value(inner, depth + 1)
        self.at += 1
        return found

    def _sequence(self, path: str, depth: int) -> Tree:
        found: list[Any] = []
        while not isinstance(self.events[self.at], SequenceEndEvent):
            found.append(self.value(f"{path}.{len(found)}", depth + 1))
        self.at += 1
        return found


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML itself would read as something else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - theirs
        return super().increase_indent(flow, False)


def write(tree: dict[str, Any]) -> str:
    """The text of a tree, in its own order, without anchors."""
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
