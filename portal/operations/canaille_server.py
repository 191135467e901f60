"""Canaille with the demo people, in one process: `python -m portal.operations.canaille_server CONFIG.json`.

Runs apart from everything else, because the demo's identity provider is no part of the portal. The file holds
`canaille` (its settings), `bind`, and `client` (the portal as OpenID Connect client). Each start brings the people,
groups and the client in line through Canaille's own models.
"""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path
from typing import Any, Final

import canaille
from asgiref.wsgi import WsgiToAsgi
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.provider import authorization
from flask import Flask, Response
from hypercorn.asyncio import serve
from hypercorn.config import Config

from portal.operations.demo_people import PEOPLE, DemoPerson

BODY: Final = re.compile(r"<body[^>]*>")
MARK: Final = (
    '<p class="demo-banner">Demo data. The people and what was captured here are made up. '
    '<span lang="de">Demodaten. Die Personen und das hier Erfasste sind erfunden.</span></p>'
)


def populate(client: dict[str, Any]) -> None:
    """Create or bring in line people, groups and the client. Needs Canaille's application context."""
    users = {person.user: _user(person) for person in PEOPLE}
    for group in sorted({person.group for person in PEOPLE if person.group}):
        members = [users[person.user] for person in PEOPLE if person.group == group]
        _save(models.Group, "display_name", {"display_name": group, "members": members})
    saved = _save(models.Client, "client_id", client)
    saved.audience = [saved]
    Backend.instance.save(saved)


def _user(person: DemoPerson) -> Any:
    user = _save(
        models.User,
        "user_name",
        {
            "user_name": person.user,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "formatted_name": person.name,
            "display_name": person.name,
            "emails": [person.email],
        },
    )
    if not Backend.instance.check_user_password(user, person.password)[0]:
        Backend.instance.set_user_password(user, person.password)
    return user


def _save(model: Any, key: str, values: dict[str, Any]) -> Any:
    found = Backend.instance.get(model, **{key: values[key]}) or model()
    for name, value in values.items():
        setattr(found, name, value)
    Backend.instance.save(found)
    return found


async def _serve(app: Flask, bind: str) -> None:
    config = Config()
    config.bind = [bind]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    wrapped: Any = WsgiToAsgi(app)  # type: ignore[no-untyped-call]
    await serve(wrapped, config, shutdown_trigger=stop.wait)


def use_random_access_tokens(app: Flask) -> None:
    """Random access tokens: Canaille's own, signed ones repeat within a second, and the second one is then refused."""
    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = True
    authorization.load_config(app.config)


def mark_pages(app: Flask) -> None:
    """Every page says, as the portal's do, that this is a demo."""

    @app.after_request
    def mark(answer: Response) -> Response:
        if answer.mimetype == "text/html" and not answer.direct_passthrough:
            answer.set_data(BODY.sub(rf"\g<0>{MARK}", answer.get_data(as_text=True), count=1))
        return answer


def main(path: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = json.loads(path.read_text(encoding="utf-8"))
    app = canaille.create_app(config=config["canaille"], env_file="", init_backend=True)
    use_random_access_tokens(app)
    mark_pages(app)
    with app.app_context(), Backend.instance.session():
        populate(config["client"])
    asyncio.run(_serve(app, config["bind"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
