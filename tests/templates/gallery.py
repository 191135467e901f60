"""A small Flask app that draws every template with sample data under the strict CSP: for tests, and to look at."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, abort, g, render_template, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from portal.core.web import formats, htmx
from tests.templates import catalogue, samples, samples_pages, samples_stops

ROOT = Path(__file__).parents[2]

# endpoint → (method, path): what templates may link to.
ENDPOINTS = {
    "home.now": ("GET", "/"),
    "notifications.seen_submit": ("POST", "/notifications/<notification_id>/seen"),
    "home.state": ("GET", "/state"),
    "home.about": ("GET", "/about"),
    "capture.calendar": ("GET", "/data"),
    "capture.day": ("GET", "/data/<day>"),
    "capture.search_submit": ("POST", "/data/<day>/search"),
    "capture.item": ("GET", "/data/<day>/<item_id>"),
    "reconciliation.check": ("GET", "/data/<day>/check"),
    "settling.dispute_submit": ("POST", "/data/<day>/check/<mismatch>/dispute"),
    "officer_reconciliation.officer": ("GET", "/officer/reconciliation"),
    "officer_reconciliation.one": ("GET", "/officer/reconciliation/<mismatch>"),
    "officer_reconciliation.answer_submit": ("POST", "/officer/reconciliation/<mismatch>/answer"),
    "access_log.looks": ("GET", "/looks"),
    "policy.policy": ("GET", "/policy"),
    "agents.settings": ("GET", "/settings"),
    "agents.device_add_submit": ("POST", "/settings/devices"),
    "agents.device_rename_submit": ("POST", "/settings/devices/<device_id>/name"),
    "agents.device_remove_submit": ("POST", "/settings/devices/<device_id>/remove"),
    "agents.exclusions_submit": ("POST", "/settings/exclusions"),
    "agents.preferences_submit": ("POST", "/settings/preferences"),
    "identity.session_end_submit": ("POST", "/settings/sessions/<session_id>/end"),
    "identity.sessions_end_submit": ("POST", "/settings/sessions/end"),
    "identity.sign_in": ("GET", "/sign-in"),
    "identity.sign_out_submit": ("POST", "/sign-out"),
    "pauses.pauses": ("GET", "/pauses"),
    "pauses.pause_submit": ("POST", "/pauses"),
    "pauses.resume_submit": ("POST", "/pauses/resume"),
    "pauses.until": ("GET", "/pauses/until"),
    "pauses.weekly": ("GET", "/pauses/weekly"),
    "pauses.weekly_submit": ("POST", "/pauses/weekly"),
    "pauses.part": ("GET", "/pauses/part"),
    "pauses.opt_out": ("GET", "/pauses/opt-out"),
    "pauses.end_submit": ("POST", "/pauses/<pause_id>/end"),
    "requests.requests": ("GET", "/requests"),
    "deletion.delete": ("GET", "/requests/delete"),
    "deletion.delete_submit": ("POST", "/requests/delete"),
    "exports.exports": ("GET", "/exports"),
    "exports.order_submit": ("POST", "/exports"),
    "exports.export": ("GET", "/exports/<export_id>"),
    "exports.cancel_submit": ("POST", "/exports/<export_id>/cancel"),
    "exports.download_submit": ("POST", "/exports/<export_id>/download"),
    "deletion.undo_submit": ("POST", "/requests/deletions/<erasure_id>/undo"),
    "requests.expired": ("GET", "/requests/expired"),
    "requests.deletions": ("GET", "/requests/deletions"),
    "requests.one": ("GET", "/requests/<uuid:request_id>"),
    "requests.progress": ("GET", "/requests/<uuid:request_id>/progress"),
    "requests.say_submit": ("POST", "/requests/<uuid:request_id>/messages"),
    "requests.answer_submit": ("POST", "/requests/<uuid:request_id>/answer"),
    "requests.withdraw_submit": ("POST", "/requests/<uuid:request_id>/withdraw"),
    "requests.appeal_submit": ("POST", "/requests/<uuid:request_id>/appeal"),
    "asking.new": ("GET", "/requests/new"),
    "asking.preview_submit": ("POST", "/requests/preview"),
    "asking.send_submit": ("POST", "/requests"),
    "asking.save_submit": ("POST", "/requests/drafts"),
    "asking.draft": ("GET", "/requests/drafts/<uuid:request_id>"),
    "delegates.delegates": ("GET", "/settings/delegates"),
    "delegates.name_submit": ("POST", "/settings/delegates"),
    "delegates.end_submit": ("POST", "/settings/delegates/<delegation_id>/end"),
    "delegates.people": ("GET", "/requests/for"),
    "delegates.requests_of": ("GET", "/requests/for/<acting_id>"),
    "delegates.new": ("GET", "/requests/for/<acting_id>/new"),
    "delegates.send_submit": ("POST", "/requests/for/<acting_id>"),
    "delegates.one": ("GET", "/requests/for/<acting_id>/<uuid:request_id>"),
    "asking.discard_submit": ("POST", "/requests/drafts/<uuid:request_id>/discard"),
    "council_policies.waiting": ("GET", "/council/policies"),
    "council_policies.one": ("GET", "/council/policies/<number>"),
    "council_policies.bundle": ("GET", "/council/policies/<number>/to-sign.json"),
    "council_policies.sign": ("GET", "/council/policies/<number>/sign"),
    "council_policies.sign_submit": ("POST", "/council/policies/<number>/sign"),
    "council_policies.reject": ("GET", "/council/policies/<number>/reject"),
    "council_policies.reject_submit": ("POST", "/council/policies/<number>/reject"),
    "council_policies.conditions": ("GET", "/council/policies/<number>/conditions"),
    "council_policies.conditions_submit": ("POST", "/council/policies/<number>/conditions"),
    "council_policies.clauses": ("GET", "/council/policies/clauses"),
    "council_policies.clauses_submit": ("POST", "/council/policies/clauses"),
    "council_policies.clause_end_submit": ("POST", "/council/policies/clauses/<clause>/end"),
    "officer_signing.sign": ("GET", "/officer/signing/<number>"),
    "officer_signing.bundle": ("GET", "/officer/signing/<number>/to-sign.json"),
    "officer_signing.sign_submit": ("POST", "/officer/signing/<number>"),
    "signing.file": ("GET", "/signing/daylight-sign.html"),
    "signing.trust_document": ("GET", "/signing/trust.json"),
    "signing.policy": ("GET", "/signing/policy-<version>.json"),
    "officer_rollouts.rollouts": ("GET", "/officer/rollouts"),
    "officer_rollouts.one": ("GET", "/officer/rollouts/<version>"),
    "officer_rollouts.advance_submit": ("POST", "/officer/rollouts/<version>/advance"),
    "officer_rollouts.halt_submit": ("POST", "/officer/rollouts/<version>/halt"),
    "officer_rollouts.go_on_submit": ("POST", "/officer/rollouts/<version>/go-on"),
    "officer_rollouts.take_back_submit": ("POST", "/officer/rollouts/<version>/take-back"),
    "officer_stops.stops": ("GET", "/officer/stops"),
    "officer_stops.new": ("GET", "/officer/stops/new"),
    "officer_stops.check_submit": ("POST", "/officer/stops/check"),
    "officer_stops.stop_submit": ("POST", "/officer/stops"),
    "officer_stops.one": ("GET", "/officer/stops/<stop_id>"),
    "officer_stops.effect": ("GET", "/officer/stops/<stop_id>/effect"),
    "officer_stops.resume_document": ("GET", "/officer/stops/<stop_id>/resume.json"),
    "officer_stops.resume_submit": ("POST", "/officer/stops/<stop_id>/resume"),
    "officer_stops.record_csv": ("GET", "/officer/stops/<stop_id>/record.csv"),
    "officer_stops.record_json": ("GET", "/officer/stops/<stop_id>/record.json"),
    "petitions.petitions": ("GET", "/petitions"),
    "petitions.how": ("GET", "/petitions/how"),
    "petitions.one": ("GET", "/petitions/<petition>"),
    "petitions.sign_submit": ("POST", "/petitions/<petition>/sign"),
    "petitions.unsign_submit": ("POST", "/petitions/<petition>/unsign"),
    "petitions.withdraw_submit": ("POST", "/petitions/<petition>/withdraw"),
    "petitions.token_submit": ("POST", "/petitions/<petition>/token"),
    "petition_writing.new": ("GET", "/petitions/new"),
    "petition_writing.similar": ("GET", "/petitions/similar"),
    "petition_writing.start_submit": ("POST", "/petitions"),
    "petition_writing.save_submit": ("POST", "/petitions/drafts"),
    "petition_writing.draft": ("GET", "/petitions/drafts/<draft_id>"),
    "petition_writing.discard_submit": ("POST", "/petitions/drafts/<draft_id>/discard"),
    "council_petitions.agenda": ("GET", "/council/petitions"),
    "council_petitions.one": ("GET", "/council/petitions/<petition>"),
    "council_petitions.reject_submit": ("POST", "/council/petitions/<petition>/reject"),
    "council_petitions.discuss_submit": ("POST", "/council/petitions/<petition>/discuss"),
    "officer_petitions.answers": ("GET", "/officer/petitions"),
    "officer_petitions.one": ("GET", "/officer/petitions/<petition>"),
    "officer_petitions.answer_submit": ("POST", "/officer/petitions/<petition>/answer"),
    "bystanders.naming": ("GET", "/data/<day>/<segment_id>/shown"),
    "bystanders.name_submit": ("POST", "/data/<day>/<segment_id>/shown"),
    "bystanders.end_submit": ("POST", "/data/<day>/<segment_id>/shown/<naming_id>/end"),
    "bystanders.shown": ("GET", "/shown"),
    "bystanders.one": ("GET", "/shown/<shown_id>"),
    "bystanders.claim_submit": ("POST", "/shown/<shown_id>"),
    "bystanders.unclaim_submit": ("POST", "/shown/claims/<claim_id>/end"),
    "handovers.handover": ("GET", "/hr/requests/<number>/handover"),
    "handovers.prepare_submit": ("POST", "/hr/requests/<number>/handover"),
    "handovers.approve_submit": ("POST", "/hr/requests/<number>/handover/approve"),
    "handovers.revoke_submit": ("POST", "/hr/requests/<number>/handover/revoke"),
    "pickup.pickup": ("GET", "/pickup/<token>"),
    "pickup.claim_submit": ("POST", "/pickup/<token>"),
    "pickup.download_submit": ("POST", "/pickup/<token>/download"),
    "statistics.front": ("GET", "/statistics"),
    "council.front": ("GET", "/council"),
    "statistics.minutes": ("GET", "/statistics/minutes"),
    "council.group_submit": ("POST", "/council/smallest-group"),
    "council.groups": ("GET", "/council/smallest-group"),
    "council.group_document": ("GET", "/council/smallest-group/<group>/to-sign.json"),
    "council.group_sign_submit": ("POST", "/council/smallest-group/<group>/sign"),
    "council.group_withdraw_submit": ("POST", "/council/smallest-group/<group>/withdraw"),
    "incidents.incidents": ("GET", "/incidents"),
    "incidents.incident_submit": ("POST", "/incidents"),
    "incidents.incident_end_submit": ("POST", "/incidents/<incident>/end"),
    "officer_incidents.raised": ("GET", "/officer/incidents"),
    "officer_incidents.answer_submit": ("POST", "/officer/incidents/<incident>/answer"),
    "officer_room.room": ("GET", "/officer/room"),
    "officer_room.officer_looks": ("GET", "/officer/room/looks"),
    "officer_room.document": ("GET", "/officer/room/documents/<document>"),
    "officer_room.document_new": ("GET", "/officer/room/documents/new"),
    "officer_room.document_new_submit": ("POST", "/officer/room/documents/new"),
    "council.evidence": ("GET", "/council/evidence"),
    "council.policy": ("GET", "/council/evidence/policies/<version>"),
    "council.document": ("GET", "/council/documents/<document>"),
    "council.document_new": ("GET", "/council/documents/new"),
    "council.document_new_submit": ("POST", "/council/documents/new"),
    "council.document_submit": ("POST", "/council/documents/<document>"),
    "council.experts": ("GET", "/council/experts"),
    "expert.evidence": ("GET", "/expert/evidence"),
    "council.expert_submit": ("POST", "/council/experts"),
    "council.expert_end_submit": ("POST", "/council/experts/<seat>/end"),
    "council.one": ("GET", "/council/releases/<release>"),
    "hr.queue": ("GET", "/hr"),
    "hr.bulk": ("GET", "/hr/bulk"),
    "hr.bulk_assign_submit": ("POST", "/hr/bulk/assign"),
    "hr.bulk_extend_submit": ("POST", "/hr/bulk/extend"),
    "hr.start": ("GET", "/hr/requests/new"),
    "hr.start_submit": ("POST", "/hr/requests/new"),
    "hr.one": ("GET", "/hr/requests/<number>"),
    "hr.receipt_json": ("GET", "/hr/requests/<number>/receipts/<step_id>.json"),
    "hr.receipt_pdf_file": ("GET", "/hr/requests/<number>/receipt.pdf"),
    "hr.assign_submit": ("POST", "/hr/requests/<number>/assign"),
    "hr.say_submit": ("POST", "/hr/requests/<number>/say"),
    "hr.ask_submit": ("POST", "/hr/requests/<number>/ask"),
    "hr.extend_submit": ("POST", "/hr/requests/<number>/extend"),
    "hr.merge_submit": ("POST", "/hr/requests/<number>/merge"),
    "hr.close_submit": ("POST", "/hr/requests/<number>/close"),
    "hr.decide": ("GET", "/hr/requests/<number>/decide"),
    "hr.decide_submit": ("POST", "/hr/requests/<number>/decide"),
    "hr.confirm": ("GET", "/hr/requests/<number>/confirm"),
    "hr.confirm_submit": ("POST", "/hr/requests/<number>/confirm"),
    "hr.reject_submit": ("POST", "/hr/requests/<number>/reject"),
    "hr.lift": ("GET", "/hr/requests/<number>/lift"),
    "hr.lift_submit": ("POST", "/hr/requests/<number>/lift"),
    "hr.lift_announce_submit": ("POST", "/hr/requests/<number>/lift/announce"),
    "hr.lift_stop_submit": ("POST", "/hr/requests/<number>/lift/stop"),
    "hr.hold": ("GET", "/hr/requests/<number>/hold"),
    "hr.hold_submit": ("POST", "/hr/requests/<number>/hold"),
    "hr.release": ("GET", "/hr/holds/<hold_id>/release"),
    "hr.release_submit": ("POST", "/hr/holds/<hold_id>/release"),
    "hr.task_submit": ("POST", "/hr/requests/<number>/tasks"),
    "hr.retry_submit": ("POST", "/hr/requests/<number>/steps/<step_id>/retry"),
    "hr.task_chase_submit": ("POST", "/hr/requests/<number>/tasks/<task_id>/chase"),
    "hr.task_done_submit": ("POST", "/hr/requests/<number>/tasks/<task_id>/done"),
    "hr.held": ("GET", "/hr/held"),
    "hr.addresses": ("GET", "/hr/addresses"),
    "hr.addresses_submit": ("POST", "/hr/addresses"),
    "hr.extended": ("GET", "/hr/extended"),
    "hr.laws": ("GET", "/hr/laws"),
    "watch.now": ("GET", "/officer"),
    "watch.retention": ("GET", "/officer/retention"),
    "officer_stores.owner_submit": ("POST", "/officer/stores/<source_id>/owner"),
    "policy_desk.drafts": ("GET", "/officer/policies"),
    "policy_desk.create_submit": ("POST", "/officer/policies"),
    "policy_desk.one": ("GET", "/officer/policies/<draft_id>"),
    "policy_desk.edit": ("GET", "/officer/policies/<draft_id>/edit"),
    "policy_desk.edit_submit": ("POST", "/officer/policies/<draft_id>/edit"),
    "policy_desk.rows_submit": ("POST", "/officer/policies/<draft_id>/rows"),
    "policy_desk.as_new_submit": ("POST", "/officer/policies/<draft_id>/as-new"),
    "policy_desk.yaml": ("GET", "/officer/policies/<draft_id>/yaml"),
    "policy_desk.yaml_submit": ("POST", "/officer/policies/<draft_id>/yaml"),
    "policy_desk.yaml_file": ("GET", "/officer/policies/<draft_id>/policy.yaml"),
    "policy_desk.submit_submit": ("POST", "/officer/policies/<draft_id>/submit"),
    "policy_desk.withdraw_submit": ("POST", "/officer/policies/<draft_id>/withdraw"),
    "policy_desk.copy_submit": ("POST", "/officer/policies/<draft_id>/copy"),
    "policy_desk.bench_form": ("GET", "/officer/policies/<draft_id>/bench"),
    "policy_desk.bench_submit": ("POST", "/officer/policies/<draft_id>/bench"),
}


def create_app(**config: Any) -> Flask:
    """The gallery: `/gallery/<name>` draws the sample `name`; everything else only has an address."""
    app = Flask("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="gallery", TESTING=True, **config)
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    Babel(
        app,
        default_locale="en_GB",
        default_timezone="Europe/Berlin",
        default_translation_directories=str(ROOT / "portal" / "translations"),
    )
    formats.register(app)
    htmx.register(app)
    app.context_processor(_page)
    app.add_url_rule("/gallery/<name>", "gallery", _gallery)
    for endpoint, (method, path) in ENDPOINTS.items():
        app.add_url_rule(path, endpoint, ANSWERS.get(endpoint, _nothing), methods=[method])
    app.after_request(_secure)
    return app


def _gallery(name: str) -> str:
    if name not in catalogue.PAGES:
        abort(404)
    template, context = catalogue.PAGES[name]
    return render_template(template, **{"fragment": False} | context())


def _pause() -> str | Response:
    if not htmx.wants_fragment():
        return htmx.see_other("/gallery/home-stopping")
    return render_template("home/_state.html", fragment=True, state=samples.stopping())


def _state() -> str:
    return htmx.render("home/now.html", "home/_state.html", **samples.home(state=samples.paused()))


def _refuse() -> tuple[str, int]:
    return render_template("errors/error.html", **samples_pages.error()), 503


def _nothing(**_parts: str) -> str:
    return ""


ANSWERS: dict[str, Callable[..., Any]] = {
    "home.state": _state,
    "pauses.pause_submit": _pause,
    "pauses.resume_submit": _refuse,
}


def _page() -> dict[str, Any]:
    g.nonce = getattr(g, "nonce", None) or secrets.token_urlsafe(16)
    name = (request.view_args or {}).get("name", "")
    labels = [
        ("Now", "home.now"),
        ("My data", "capture.calendar"),
        ("Who looked", "access_log.looks"),
        ("Requests", "requests.requests"),
        ("Pauses", "pauses.pauses"),
        ("Policy", "policy.policy"),
    ]
    return {
        "locale": "en",
        "theme": request.args.get("theme", ""),
        "csp_nonce": g.nonce,
        "person": None if name in catalogue.SIGNED_OUT else SimpleNamespace(name="Amira K.", role="", expert=False),
        "navigation": [
            SimpleNamespace(
                label=label, endpoint=end, links=(), current=end == catalogue.CURRENT.get(name.split("-")[0])
            )
            for label, end in labels
        ],
        "desks": [SimpleNamespace(label="HR desk", endpoint="hr.queue", current=False)]
        if "desk" in request.args
        else [],
        "bar": samples_stops.bar()
        if name.startswith("home-stopped")
        else SimpleNamespace(status="recording", recording=2, until=None, can_resume=False, halt=None),
        "today": date(2026, 11, 21),
        "demo": True,
        "security_contact": "mailto:security@example.org",
        "version": "0.1.0",
        "now": datetime(2026, 11, 21, 13, 30, tzinfo=UTC),
    }


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; script-src 'nonce-{getattr(g, 'nonce', '')}'; "
        "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response
