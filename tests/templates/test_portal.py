"""The gallery stands for the portal: what it links to must be there, and new people's pages must draw."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.templates.gallery import ENDPOINTS

OWN_PAGES = (
    "/",
    "/state",
    "/data",
    "/data/2026-11-21",
    "/looks",
    "/requests",
    "/pauses",
    "/pauses/until",
    "/pauses/part",
    "/pauses/weekly",
    "/pauses/opt-out",
    "/policy",
    "/settings",
    "/about",
)


@pytest.mark.parametrize("endpoint", list(ENDPOINTS))
def test_portal_has_what_templates_link_to(app: Flask, endpoint: str) -> None:
    methods = {method for rule in app.url_map.iter_rules(endpoint) for method in rule.methods or ()}
    assert ENDPOINTS[endpoint][0] in methods


@pytest.mark.parametrize("path", OWN_PAGES)
def test_page_of_a_new_person_draws(browse: Callable[[UUID], Any], person: Callable[..., UUID], path: str) -> None:
    answer = browse(person("Nina Neu")).get(path)
    assert answer.status_code == 200
    assert "<h1" in answer.text or path == "/state"
