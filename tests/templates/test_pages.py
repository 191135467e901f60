"""Every page and fragment drawn from sample data, in English and with hostile text in what was captured."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from flask import Flask, render_template

from tests.templates.catalogue import FRAGMENTS, PAGES
from tests.templates.gallery import ENDPOINTS, create_app
from tests.templates.samples_data import HOSTILE

VOID = {"input", "img", "meta", "link", "br", "hr"}


class Reader(HTMLParser):
    """Collects elements, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def having(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [attrs[attribute] for _tag, attrs in self.elements if attribute in attrs]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


@pytest.fixture(scope="module")
def pages(app: Flask) -> dict[str, str]:
    client = app.test_client()
    answers = {name: client.get(f"/gallery/{name}") for name in PAGES}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    return {name: answer.text for name, answer in answers.items()}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_well_formed_and_complete(pages: dict[str, str], name: str) -> None:
    reader = read(pages[name])
    tags = Counter(tag for tag, _ in reader.elements)
    assert tags["h1"] == 1
    assert tags["main"] == 1
    assert re.search(r"<title>\S.* · Daylight</title>", pages[name])
    assert reader.having("hx-history") == ["false"]
    assert [value for value, count in Counter(reader.having("id")).items() if count > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_refers_only_to_what_is_there(pages: dict[str, str], name: str) -> None:
    reader = read(pages[name])
    ids = set(reader.having("id"))
    for attribute in ("aria-labelledby", "aria-describedby", "for", "list"):
        assert {word for value in reader.having(attribute) for word in value.split()} <= ids
    assert {href[1:] for href in reader.having("href") if href and href.startswith("#") and href != "#"} <= ids


@pytest.mark.parametrize("name", PAGES)
def test_page_posts_only_to_posting_addresses_and_has_at_most_one_pause_button(
    app: Flask, pages: dict[str, str], name: str
) -> None:
    routes = app.create_url_adapter(None) or app.url_map.bind("localhost")
    for tag, attrs in read(pages[name]).elements:
        if tag == "form":
            endpoint, _ = routes.match(attrs["action"], method=attrs["method"].upper())
            assert ENDPOINTS[endpoint][0] == attrs["method"].upper()
    assert pages[name].count(">Pause 30 minutes<") <= 1


@pytest.mark.parametrize("name", PAGES)
def test_S13_captured_text_stays_text(pages: dict[str, str], name: str) -> None:
    assert HOSTILE not in pages[name]
    assert "<script>alert" not in pages[name]
    assert not [src for src in read(pages[name]).having("src") if src == "x"]


def test_names_that_stay(pages: dict[str, str]) -> None:
    def buttons(name: str) -> list[str]:
        return re.findall(r"<button[^>]*>([^<]+)", pages[name])

    assert {"Pause 30 minutes", "Opt out"} <= set(buttons("home"))
    assert "Resume recording" in buttons("home-stopping")
    assert "Pause 30 minutes" in buttons("calendar")
    assert "Delete…" in buttons("item-key")
    assert "Raise an incident" in buttons("incidents")
    for heading in ("Right now", "Who looked at your data", "Your requests"):
        assert re.search(rf"<h2[^>]*>{heading}</h2>", pages["home"]), heading


def test_home_tells_the_truth_in_one_sentence(pages: dict[str, str]) -> None:
    def sentence(name: str) -> str:
        found = re.search(r'<p class="sentence"[^>]*>(.*?)</p>', pages[name], re.DOTALL)
        assert found
        return re.sub(r"<[^>]+>", "", found[1]).strip()

    assert sentence("home") == "Two of your devices are recording."
    assert sentence("home-stopping") == "Your devices are stopping."
    assert sentence("home-paused") == "Paused until 14:50."
    assert sentence("home-opted-out") == "You have opted out."
    assert sentence("home-unknown") == "Your devices do not answer."
    assert sentence("home-off") == "None of your devices is recording."
    assert sentence("home-empty") == "Nothing records you here."


def test_home_polls_only_while_something_is_pending(pages: dict[str, str]) -> None:
    assert 'hx-trigger="every 1s"' in pages["home-stopping"]
    assert 'http-equiv="refresh"' in pages["home-stopping"]
    assert "every 1s" not in pages["home"] + pages["home-paused"]
    assert 'http-equiv="refresh"' not in pages["home"] + pages["home-paused"]


def test_device_shows_asked_received_stopped_with_seconds(pages: dict[str, str]) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages["home-stopping"]))
    assert "asked 14:20 received 0.2 s stopped 0.4 s" in text
    assert "not reached stops by itself by 14:22:00" in text
    assert "1 of 3 devices have stopped." in text


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragment_is_one_element_that_renews_the_pill(app: Flask, name: str) -> None:
    template, context = FRAGMENTS[name]
    with app.test_request_context("/"):
        html = render_template(template, fragment=True, **context())
    reader = read(html)
    assert "html" not in {tag for tag, _ in reader.elements}
    assert ("bar-pill" in reader.having("id")) == (name == "state")
    assert reader.having("hx-swap-oob") == (["true"] if name == "state" else [])
