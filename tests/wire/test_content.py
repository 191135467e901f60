"""The content of a segment: one byte form, checked on both sides, compared with what the header claims (C02)."""

import dataclasses
from typing import Any
from uuid import uuid4

import pytest

from wire import canonical, content
from wire.content import Content, ContentError, Summary
from wire.documents import Kind
from wire.segment import Header

SCREEN = {"screen": [1920, 1080]}
DATA: dict[Kind, dict[str, Any]] = {
    Kind.KEY: {"title": "a.py", "events": [[0, "char", "ä"], [90, "redacted", ""], [95, "enter", ""]], "text": "ä█\n"},
    Kind.POINTER: SCREEN | {"points": [[0, 10, 20], [50, -3, 21]]},
    Kind.CLICK: SCREEN | {"clicks": [[10, 4, 5, "left"]]},
    Kind.WINDOW: {"titles": [[0, "main.py"]]},
    Kind.SCREENSHOT: {"size": [800, 600], "monitor": 1},
    Kind.PROMPT: {"turns": [{"role": "user", "at": 0, "text": "Why?"}, {"role": "assistant", "at": 9, "text": "So."}]},
}


def example(kind: Kind) -> Content:
    counts = content.counts_of(kind, DATA[kind])
    blob = b"RIFFimage" if kind is Kind.SCREENSHOT else b""
    return Content(Summary(kind, "vscode", 1_000, 31_000, counts, 3, ("user.content",)), DATA[kind], blob)


def header_of(item: Content) -> Header:
    fields = {name: getattr(item.summary, name) for name in Summary.__annotations__}
    ids: dict[str, Any] = {name: uuid4() for name in ("segment", "device", "employee", "lease", "key")}
    return Header(**fields, **ids, seq=1, policy="00", policy_version=1, size=len(content.pack(item)))


@pytest.mark.parametrize("kind", Kind)
def test_content_round_trip(kind: Kind) -> None:
    item = example(kind)
    assert content.unpack(content.pack(item)) == item


@pytest.mark.parametrize("kind", Kind)
def test_C02_content_of_another_kind_is_refused(kind: Kind) -> None:
    item = example(kind)
    for other in set(Kind) - {kind}:
        lying = dataclasses.replace(item, summary=dataclasses.replace(item.summary, kind=other))
        with pytest.raises(ContentError):
            content.pack(lying)


@pytest.mark.parametrize("kind", Kind)
def test_content_refuses_every_cut(kind: Kind) -> None:
    data = content.pack(example(kind))
    for length in range(len(data) - (9 if kind is Kind.SCREENSHOT else 0)):
        with pytest.raises(ContentError):
            content.unpack(data[:length])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.KEY, {"events": [[0, "paste", "x"]]}),
        (Kind.KEY, {"events": [[30_001, "char", "x"]]}),
        (Kind.KEY, {"text": None}),
        (Kind.POINTER, {"points": [[0, True, 1]]}),
        (Kind.POINTER, {"screen": [1]}),
        (Kind.CLICK, {"clicks": [[0, 1, 1]]}),
        (Kind.WINDOW, {"titles": [[-1, "x"]]}),
        (Kind.WINDOW, {"titles": "x"}),
        (Kind.PROMPT, {"turns": [{"role": "system", "at": 0, "text": "x"}]}),
        (Kind.PROMPT, {"turns": [["user", 0, "x"]]}),
        (Kind.SCREENSHOT, {"monitor": "1"}),
        (Kind.SCREENSHOT, {"more": 1}),
    ],
)
def test_content_refuses_other_shapes(kind: Kind, change: dict[str, Any]) -> None:
    with pytest.raises(ContentError):
        content.pack(dataclasses.replace(example(kind), data=DATA[kind] | change))


def test_content_counts_are_those_of_the_data() -> None:
    item = example(Kind.KEY)
    assert item.summary.counts == {"keys": 3, "redacted": 1}
    with pytest.raises(ContentError):
        content.pack(dataclasses.replace(item, summary=dataclasses.replace(item.summary, counts={"keys": 2})))


def test_content_only_a_screenshot_has_an_image() -> None:
    with pytest.raises(ContentError):
        content.pack(dataclasses.replace(example(Kind.KEY), blob=b"x"))
    with pytest.raises(ContentError):
        content.pack(dataclasses.replace(example(Kind.SCREENSHOT), blob=b""))


def test_C02_differences_name_each_field_of_the_header_that_lies() -> None:
    item = example(Kind.WINDOW)
    size = len(content.pack(item))
    true = header_of(item)
    assert content.differences(item, size, true) == ()
    lies: dict[str, Any] = {
        "kind": Kind.KEY,
        "context": "mail",
        "start": 0,
        "end": 2_000,
        "counts": {},
        "sensitivity": 1,
        "categories": (),
        "size": 1,
    }
    for name, value in lies.items():
        assert content.differences(item, size, dataclasses.replace(true, **{name: value})) == (name,)


@pytest.mark.parametrize("version", [True, 0, 2, "1", None])
def test_content_has_its_version_in_one_spelling(version: Any) -> None:
    packed = content.pack(example(Kind.WINDOW))
    text = canonical.encode(canonical.decode(packed[4:]) | {"v": version})
    with pytest.raises(ContentError):
        content.unpack(len(text).to_bytes(4, "big") + text)
