"""`python -m portal up`, whole: a provider that is not ours, the first policy, a device, an item, and the end."""

import json
import os
import re
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from portal.operations.processes import python
from tests.e2e.parts import Demo, supervised
from tests.gateway.agent import Agent
from tests.gateway.process import wait_until
from tests.provider.profiles import PROFILES, settings_of
from tests.provider.server import CLIENT_ID, CLIENT_SECRET, HostileProvider
from tests.provider.visitor import Visitor

SERVICES = {"postgres", "vault", "worker", "gateway", "ballot", "web"}


def sign_first_policy(running: Demo, told: dict[str, str], folder: Path) -> str:
    """As the manual says, with the same settings; what it prints."""
    base = running.portal.rpartition(":")[2]
    own = {"PORTAL_VAR_DIR": str(running.var), "PORTAL_DEMO_PORT_BASE": base} | told
    keys = ("--officer-key", str(folder / "officer.pem"), "--council-key", str(folder / "council.pem"))
    done = subprocess.run(
        python("-m", "portal", "first-policy", *keys),
        env={"PATH": os.environ["PATH"]} | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def noted(var: Path) -> dict[str, int]:
    """The processes that the supervisor wrote down."""
    return {note.stem: json.loads(note.read_text())["pid"] for note in (var / "run").glob("*.pid")}


def enrolled(visitor: Visitor) -> Agent:
    """A device added on the settings page, with the command it shows carried out."""
    page = visitor.post("/settings/devices", name="Desk", kind="collector")
    assert page.status_code == 200, page.text
    server, code = (re.findall(rf"--{name} (\S+)", page.text)[0] for name in ("server", "code"))
    agent = Agent(server)
    agent.enrol(code.removesuffix("</pre>"))
    agent.await_lease()
    return agent


def test_up_serves_people_of_a_provider_it_has_never_seen(tmp_path: Path) -> None:
    profile = PROFILES["keycloak-like"]
    with HostileProvider(profile.path).running() as provider:
        provider.behaviour = profile.behaviour()
        provider.add("hana", name="Hana Vogel", **profile.person)
        told = settings_of(profile, provider.issuer)
        told |= {"PORTAL_OIDC_CLIENT_ID": CLIENT_ID, "PORTAL_OIDC_CLIENT_SECRET": CLIENT_SECRET}
        with supervised(tmp_path, "up", **told) as running:
            processes = noted(running.var)
            assert set(processes) == SERVICES
            visitor = Visitor(running.portal)
            assert visitor.get("/").status_code == 200
            early = visitor.post("/settings/devices", name="Desk", kind="collector")
            assert (early.status_code, "have not signed a policy" in early.text) == (409, True)
            assert "Policy 1 is in force" in sign_first_policy(running, told, tmp_path)
            agent = enrolled(visitor)
            assert agent.outcome(agent.segment()) == ["stored"]
            assert "Desk" in visitor.get("/").text
            today = datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()
            wait_until(lambda: f"/data/{today}/" in visitor.get(f"/data/{today}").text)
            assert visitor.post("/sign-out").url == f"{running.portal}/signed-out"
            assert provider.ended
            assert not visitor.is_signed_in()
        assert not any(psutil.pid_exists(pid) for pid in processes.values())
    assert "Traceback" not in running.output.read_text()
    logs = {path.stem: path.read_text() for path in (running.var / "log").glob("*.log")}
    assert not [name for name, text in logs.items() if "Traceback" in text or '"level": "error"' in text]
