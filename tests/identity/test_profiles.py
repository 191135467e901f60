"""Issuer, client id and secret are enough, whatever provider it is: sign-in and sign-out over real sockets."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from werkzeug.serving import make_server

from portal.operations.ports import free_port
from tests.provider.profiles import PROFILES, Profile, settings_of
from tests.provider.server import HostileProvider
from tests.provider.visitor import Visitor

Superuser = psycopg.Connection[tuple[Any, ...]]
MakeApp = Callable[..., Flask]


@contextmanager
def served(make_app: MakeApp, **told: str) -> Iterator[str]:
    """The portal on a socket of its own; its address."""
    port = free_port()
    base = f"http://localhost:{port}"
    app = make_app(PORTAL_BASE_URL=base, **told)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["daylight"].database.dispose()


def hana(profile: Profile, provider: HostileProvider) -> str:
    """Somebody of HR with an account at the provider; her subject."""
    return provider.add(f"hana-{uuid4()}", **({"name": "Hana Vogel"} | profile.person))


@pytest.mark.parametrize("name", PROFILES)
def test_issuer_id_and_secret_are_enough_at_every_kind_of_provider(
    make_app: MakeApp, superuser: Superuser, name: str
) -> None:
    profile = PROFILES[name]
    with HostileProvider(profile.path).running() as provider:
        provider.behaviour = profile.behaviour()
        subject = hana(profile, provider)
        with served(make_app, **settings_of(profile, provider.issuer)) as base:
            visitor = Visitor(base)
            page = visitor.get("/data")
            assert (page.status_code, page.url) == (200, f"{base}/data")
            assert visitor.is_signed_in()
            left = visitor.post("/sign-out")
            assert (left.status_code, left.url) == (200, f"{base}/signed-out")
            assert not visitor.is_signed_in()
        assert bool(provider.ended) == profile.ends
    row = superuser.execute(
        "SELECT e.name, array(SELECT role::text FROM role_grant r WHERE r.employee_id = e.id) FROM employee e "
        "WHERE e.issuer = %s AND e.subject = %s",
        (provider.issuer.rstrip("/"), subject),  # as the company's directory names people
    ).fetchone()
    superuser.rollback()
    assert row is not None
    assert row[0].startswith(profile.name)
    assert row[1] == (["hr"] if profile.role else [])


def test_S07_where_prompt_login_is_unknown_only_auth_time_makes_a_sign_in_fresh(make_app: MakeApp) -> None:
    profile = PROFILES["google-like"]
    with HostileProvider().running() as provider:
        provider.behaviour = profile.behaviour()
        hana(profile, provider)
        with served(make_app, **settings_of(profile, provider.issuer)) as base:
            assert Visitor(base).get("/sign-in?fresh=1").status_code == 400
            assert "prompt" not in provider.asked[-1].parameters
            assert provider.asked[-1].parameters["max_age"] == "900"
            provider.behaviour = replace(provider.behaviour, auth_time=True)
            assert Visitor(base).get("/sign-in?fresh=1").status_code == 400  # two hours ago
