"""Every route of the application, with an address that fits it: the tests that must miss none walk this list."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from portal.core import clock
from portal.core.web.guard import Access, access_of

SAFE: Final = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Route:
    """One method of one route, at an address where nothing of anybody lies."""

    method: str
    endpoint: str
    path: str
    access: Access = field(compare=False)
    objects: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def routes(app: Flask) -> Iterator[Route]:
    """All routes, without the HEAD and OPTIONS that Flask adds."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: value_for(rule, name) for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, values, method=method)
            objects = frozenset(name for name in rule.arguments if name.endswith("_id"))
            yield Route(method, rule.endpoint, path, access_of(app, rule.endpoint), objects)


def value_for(rule: Rule, name: str) -> str:
    """A value that fits the converter and means nothing: today, a file that exists, a random id."""
    if name == "day":
        return clock.now().date().isoformat()
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if name == "number" or isinstance(converter, IntegerConverter):
        return "999999999"
    return "app.css" if rule.endpoint == "static" else str(uuid4())
