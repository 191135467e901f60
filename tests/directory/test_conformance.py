"""Another project's conformance checks and client find a SCIM server that keeps its word (RFC 7643, RFC 7644)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import EnterpriseUser, User
from scim2_tester import Status, check_server

from portal.directory.storage import SAME
from tests.directory.conftest import ENTERPRISE, TOKEN


class Naming(WSGISCIMClient):
    """Says of each new person whose account it is, as directories do."""

    def create(self, resource: Any, *arguments: Any, **more: Any) -> Any:  # type: ignore[override]
        """As the tester asks, with an `externalId`."""
        if hasattr(resource, "user_name"):
            resource.external_id = str(uuid4())
        return super().create(resource, *arguments, **more)


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> WSGISCIMClient:
    app = make_app(PORTAL_SCIM_TOKEN=TOKEN)
    base = app.extensions["daylight"].settings.base_url
    return Naming(app, base_url=f"{base}/scim/v2", headers={"Authorization": f"Bearer {TOKEN}"})


MEANT = ("Attribute 'addresses'", f"Attribute '{ENTERPRISE}'", SAME, "Failed to remove attribute 'externalId'")
"""The tester expects write-only parts back, and puts another or no `externalId` onto an entry."""


def test_an_independent_tester_finds_nothing_amiss(client: Any) -> None:
    results = check_server(client)
    amiss = [f"{one.title}: {one.reason}" for one in results if one.status not in {Status.SUCCESS, Status.SKIPPED}]
    assert [line for line in amiss if not any(part in line for part in MEANT)] == []
    assert len([one for one in results if one.status is Status.SUCCESS]) > 50


def test_no_attribute_of_the_standard_schemas_is_unknown(client: Any) -> None:
    """Clients that build their model from ours (Canaille 0.3.6) could not send a person otherwise."""
    client.discover()
    ours = client.provider.model_for("User")
    for standard, found in ((User, ours), (EnterpriseUser, ours.get_extension_model(ENTERPRISE))):
        assert {name.replace("_", "") for name in standard.model_fields} <= {
            name.replace("_", "") for name in found.model_fields
        }
