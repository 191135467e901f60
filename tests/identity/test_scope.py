"""The portal asks the identity provider for no more than it needs."""

from uuid import uuid4

from flask import Flask

from tests.provider.browser import Browser
from tests.provider.server import HostileProvider


def test_only_what_is_needed_is_asked_for(app: Flask, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    assert Browser(app).sign_in().status_code == 303
    (asked,) = (asked.parameters for asked in provider.asked)
    assert set(asked["scope"].split()) <= {"openid", "profile", "email", "groups"}
    assert {"response_type": asked["response_type"], "scope": asked["scope"].split()[0]} == {
        "response_type": "code",
        "scope": "openid",
    }
