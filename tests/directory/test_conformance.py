"""Another project's conformance checks and client find a SCIM server that keeps its word (RFC 7643, RFC 7644)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from tests.directory.conftest import TOKEN


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> WSGISCIMClient:
    app = make_app(PORTAL_SCIM_TOKEN=TOKEN, PORTAL_SCIM_SUBJECT="userName")
    base = app.extensions["daylight"].settings.base_url
    return WSGISCIMClient(app, base_url=f"{base}/scim/v2", headers={"Authorization": f"Bearer {TOKEN}"})


def test_an_independent_tester_finds_nothing_amiss(client: Any) -> None:
    results = check_server(client)
    amiss = [f"{one.title}: {one.reason}" for one in results if one.status not in {Status.SUCCESS, Status.SKIPPED}]
    assert amiss == []
    assert len([one for one in results if one.status is Status.SUCCESS]) > 50
