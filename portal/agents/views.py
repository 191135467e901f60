"""/settings: devices and what they must never capture."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal.agents import actions, excluding, queries
from portal.agents.excluding import ExclusionError
from portal.agents.models import Device, DeviceKind
from portal.agents.rules import CODE_LIFETIME, at_site
from portal.core import clock
from portal.core.db import lock_person
from portal.core.permissions import Permission
from portal.core.plain import printable
from portal.core.shell import tell_site
from portal.core.vault_client import VaultUnavailable
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.pages import FORMATS, LANGUAGES, language
from portal.core.web.state import db, person
from portal.core.web.state import settings as configuration
from portal.core.web.vault import vault_client
from portal.identity.actions import set_language
from portal.identity.forms import TIMEZONES, PreferencesForm
from portal.identity.queries import employee, other_sessions
from portal.notifications.queries import moved_at
from portal.policies.queries import policies, trust, trusted
from wire.exclusions import entries

bp = Blueprint("agents", __name__)
LONGEST_NAME = 80
MOST_DEVICES = 20
RUN = "python -m collector run"


@bp.get("/settings")
@requires(Permission.OWN_SETTINGS_CHANGE)
def settings() -> ResponseReturnValue:
    """Devices, language and time, personal exclusions, other sessions."""
    return _settings({})


@bp.post("/settings/devices")
@requires(Permission.OWN_DEVICE_CHANGE)
def device_add_submit() -> ResponseReturnValue:
    """A one-time code with the exact command for a collector, or a bearer token for a stock OpAMP client."""
    name = printable(request.form.get("name", ""))
    if not 0 < len(name) <= LONGEST_NAME:
        return _settings({"device_name": gettext("Give it a name of at most 80 letters.")}), 422
    if trust(db()) is None:
        words = gettext(
            "Nothing is captured yet: officer and works council have not signed a policy. Try again after that."
        )
        return _settings({"device_name": words}), 409
    lock_person(db(), person().id)
    if queries.places(db(), person().id, clock.now()) >= MOST_DEVICES:
        words = gettext(
            "You have %(number)s devices, codes that were not used yet among them, and there cannot be more. "
            "Remove one first, or wait until the codes have run out.",
            number=MOST_DEVICES,
        )
        return _settings({"device_name": words}), 409
    if request.form.get("kind") == DeviceKind.OPAMP:
        return _added(name, token=actions.add_opamp_client(db(), person().id, name))
    try:
        vault_client().ensure_key(person().id)
    except VaultUnavailable:
        return _settings({"device_name": gettext("The vault does not answer. Try again in a minute.")}), 503
    return _added(name, code=actions.issue_code(db(), person().id, name, clock.now()))


@bp.post("/settings/devices/<uuid:device_id>/rename")
@requires(Permission.OWN_DEVICE_CHANGE)
def device_rename_submit(device_id: UUID) -> ResponseReturnValue:
    """Another name for a device."""
    device = _own_device(device_id)
    name = printable(request.form.get("name", ""))
    if not 0 < len(name) <= LONGEST_NAME:
        return _settings({f"name-{device_id}": gettext("Give it a name of at most 80 letters.")}), 422
    actions.rename(db(), device, name)
    return see_other(url_for("agents.settings"))


@bp.post("/settings/devices/<uuid:device_id>/remove")
@requires(Permission.OWN_DEVICE_CHANGE)
def device_remove_submit(device_id: UUID) -> ResponseReturnValue:
    """Remove a device: its key is dead at once."""
    device = _own_device(device_id)
    actions.remove(db(), device, clock.now())
    flash(gettext("%(name)s is removed. It cannot send anything any more.", name=device.name), "success")
    return see_other(url_for("agents.settings"))


@bp.post("/settings/exclusions")
@requires(Permission.OWN_DEVICE_CHANGE)
def exclusions_submit() -> ResponseReturnValue:
    """Apps and sites that the person's devices never capture."""
    text, ticked = request.form.get("exclusions", ""), request.form.getlist("app")
    known = [context for policy in policies(db(), person().id).all for context in policy.contexts]
    newest = {context.id: context for context in known}
    try:
        kept = excluding.understood(text, [newest[one] for one in ticked if one in newest], known)
    except ExclusionError as error:
        return _settings({"exclusions": str(error)}, typed=(text, ticked)), 422
    actions.set_exclusions(db(), person().id, kept)
    flash(gettext("Saved. Your devices get it within a second."), "success")
    return see_other(url_for("agents.settings"))


@bp.post("/settings/preferences")
@requires(Permission.OWN_SETTINGS_CHANGE)
def preferences_submit() -> ResponseReturnValue:
    """Language, time zone and colours."""
    form = PreferencesForm()
    if form.validate_on_submit():
        zone = str(form.timezone.data)
        set_language(db(), person().id, form.language.data)
        if zone != person().timezone:
            actions.set_zone(db(), person().id, zone)
        session.update(locale=form.language.data, theme=form.theme.data)
        with force_locale(FORMATS[form.language.data]):
            flash(gettext("Saved."), "success")
    else:
        flash(" ".join(str(words) for field in form.errors.values() for words in field), "error")
    return see_other(url_for("agents.settings"))


def _own_device(device_id: UUID) -> Device:
    device = queries.device(db(), person().id, device_id)
    if device is None:
        abort(404)
    return device


def _settings(errors: dict[str, str], typed: tuple[str, list[str]] | None = None) -> str:
    """The page; `typed`: the exclusions and ticks that were sent and cannot be kept."""
    own = employee(db(), person().id)
    policy = policies(db(), person().id).in_force(clock.now())
    contexts = policy.contexts if policy else ()
    kept = excluding.sorted_out(own.exclusions, contexts)
    text, ticked = typed or ("\n".join(kept.lines), [context.id for context in kept.whole])
    return render_template(
        "settings/settings.html",
        devices=[_shown(device) for device in queries.devices(db(), person().id)],
        languages=list(LANGUAGES.items()),
        timezones=TIMEZONES,
        preferences={"language": language(), "timezone": own.timezone, "theme": session.get("theme", "")},
        place=[own.site, own.department, own.country],
        to_tell=_to_tell(own.site),
        exclusions={
            "text": text,
            "apps": [(context.id, context.name) for context in contexts if entries(context)],
            "ticked": ticked,
            "covers": [(context.name, ", ".join(entries(context))) for context in kept.whole]
            + [(line, excluding.covered(line, contexts)) for line in kept.lines],
        },
        sessions=other_sessions(),
        demo_display=configuration().demo_display,
        errors=errors,
    )


def _to_tell(site: str | None) -> dict[str, Any] | None:
    """What a collector of the person's has to be told of its site; none where no site has a council of its own."""
    known = trusted(db())
    if not site or known is None or all(key.site is None for key in known.keys):
        return None
    moved = moved_at(db(), person().id)
    devices = [one for one in queries.devices(db(), person().id) if one.kind is DeviceKind.COLLECTOR]
    before = [one.name for one in devices if moved is not None and one.added_at < moved]
    return {"command": tell_site(site), "moved": moved, "devices": before}


def _shown(device: Device) -> dict[str, Any]:
    return {
        "id": str(device.id),
        "name": device.name,
        "kind": device.kind.value,
        "platform": device.platform,
        "added_at": device.added_at,
        "last_seen_at": device.last_seen_at,
    }


def _added(name: str, *, code: str = "", token: str = "") -> str:
    published = trust(db())
    assert published is not None  # noqa: S101 - looked for before the code was made
    server = configuration().require("gateway_url")
    command = f"python -m collector enrol --server {server} --trust {published.fingerprint} --code {code}"
    command += at_site(employee(db(), person().id).site)
    return render_template(
        "settings/device_added.html",
        name=name,
        code=code,
        token=token,
        expires_at=clock.now() + CODE_LIFETIME if code else None,
        command=command if code else f"{server}/v1/opamp",
        to_run=RUN,
        fingerprint=published.fingerprint,
    )
