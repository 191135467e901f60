"""Another project's conformance checks and client find a SCIM server that keeps its word (RFC 7643, RFC 7644)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import EnterpriseUser, User
from scim2_tester import Status, check_server

from tests.directory.conftest import ENTERPRISE, TOKEN


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> WSGISCIMClient:
    app = make_app(PORTAL_SCIM_TOKEN=TOKEN, PORTAL_SCIM_SUBJECT="userName")
    base = app.extensions["daylight"].settings.base_url
    return WSGISCIMClient(app, base_url=f"{base}/scim/v2", headers={"Authorization": f"Bearer {TOKEN}"})


FORGET_A_PART = ("Attribute 'addresses'", f"Attribute '{ENTERPRISE}'")
"""The tester expects their write-only parts back; test_people.py moves people through the parts that are kept."""


def test_an_independent_tester_finds_nothing_amiss(client: Any) -> None:
    results = check_server(client)
    amiss = [f"{one.title}: {one.reason}" for one in results if one.status not in {Status.SUCCESS, Status.SKIPPED}]
    assert [line for line in amiss if not any(part in line for part in FORGET_A_PART)] == []
    assert len([one for one in results if one.status is Status.SUCCESS]) > 50


def test_no_attribute_of_the_standard_schemas_is_unknown(client: Any) -> None:
    """Clients that build their model from ours (Canaille 0.3.6) could not send a person otherwise."""
    client.discover()
    ours = client.provider.model_for("User")
    for standard, found in ((User, ours), (EnterpriseUser, ours.get_extension_model(ENTERPRISE))):
        assert {name.replace("_", "") for name in standard.model_fields} <= {
            name.replace("_", "") for name in found.model_fields
        }
