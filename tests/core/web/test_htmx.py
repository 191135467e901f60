"""The choice between page and fragment, on a small real app."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from portal.core.web import htmx


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    (tmp_path / "page.html").write_text("<html>{% include '_part.html' %}</html>")
    (tmp_path / "_part.html").write_text("<p>{{ word }} {{ fragment }}</p>")
    app = Flask("small", template_folder=str(tmp_path))
    htmx.register(app)
    app.add_url_rule("/", "page", lambda: htmx.render("page.html", "_part.html", word="hello"))
    app.add_url_rule("/act", "act", _act, methods=["POST"])
    return app.test_client()


def _act() -> Response:
    return htmx.see_other("/")


def test_a_browser_gets_the_page(client: FlaskClient) -> None:
    assert client.get("/").text == "<html><p>hello False</p></html>"


def test_htmx_gets_the_fragment(client: FlaskClient) -> None:
    assert client.get("/", headers={"HX-Request": "true"}).text == "<p>hello True</p>"


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_htmx_gets_the_page_when_it_shows_a_page(client: FlaskClient, header: str) -> None:
    assert client.get("/", headers={"HX-Request": "true", header: "true"}).text.startswith("<html>")


def test_only_the_word_true_counts(client: FlaskClient) -> None:
    assert client.get("/", headers={"HX-Request": "1"}).text.startswith("<html>")


def test_every_answer_says_that_it_varies(client: FlaskClient) -> None:
    for answer in (client.get("/"), client.get("/", headers={"HX-Request": "true"}), client.get("/missing")):
        assert "HX-Request" in answer.headers["Vary"]


def test_after_a_form_the_browser_is_led_on(client: FlaskClient) -> None:
    plain = client.post("/act")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/")
    swapped = client.post("/act", headers={"HX-Request": "true"})
    assert (swapped.status_code, swapped.headers["HX-Redirect"], swapped.text) == (204, "/", "")
