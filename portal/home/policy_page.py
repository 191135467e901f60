"""/policy and the policy's part of /about, as their templates take them."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.agents.models import CONTRADICTED, VERIFIED
from portal.agents.queries import policy_reports
from portal.agents.rules import DeviceFacts
from portal.core.clock import from_ms, to_ms
from portal.core.web.pages import language
from portal.home.policy_lines import collected, held_back, hours_words, not_collected
from portal.home.queries import Standing
from portal.identity.queries import employee
from portal.policies.deciding import queries
from portal.policies.deciding.models import PolicyDecision
from portal.policies.deciding.queries import Signers
from portal.policies.deciding.shown import Known, Unpermitted, decisions, signed_by, signing_file, unpermitted
from portal.policies.deciding.words import whose
from portal.policies.drafts.rules import newest_of_each
from portal.policies.exemptions.shown import exemptions
from portal.policies.queries import Policies
from portal.policies.rules import is_for
from portal.policies.shown import shown_difference
from wire import documents, dsse, succession
from wire.documents import Signer, Trust
from wire.policy import Policy
from wire.precedence import Change, change

ITS_DAY: Final = timedelta(days=1)
"""So long a device may take to apply a policy, and then to be seen to obey it."""


def policy_page(session: Session, person: UUID, known: Policies, standing: Standing, now: datetime) -> dict[str, Any]:
    """The policy in force and what each device makes of it; `policy` None when none is in force."""
    policy, keys = known.in_force(now), queries.signers(session)
    decided = queries.decisions(session)
    history = {
        "history": versions(known, keys),
        "decisions": decisions(decided, keys)[::-1],
        "exemptions": exemptions(session),
        "unpermitted": _unpermitted(decided, known, keys, now),
        "signing_file": signing_file(keys),
        "moved": _moved(known, policy, now),
    }
    if policy is None:
        return {"policy": None, "devices": [], **history}
    exclusions = employee(session, person).exclusions
    begins = next(row.not_before for row in known.rows if row.version == policy.version)
    reports = policy_reports(session, person, documents.document_hash(policy))
    devices = []
    for line, fact in zip(standing.devices, standing.facts, strict=True):
        report = reports.get(fact.id)
        devices.append(
            {
                "id": str(fact.id),
                "name": fact.name,
                "status": line.status,
                "policy_version": fact.policy_version,
                "stage": _stage(report, fact, begins, now),
                "reported_at": report.received_at if report else None,
            }
            | lines(_obeyed(known, fact, now) or policy, fact, exclusions, now, halted=standing.bar.halt is not None)
        )
    return {
        "policy": about_policy(policy) | {"signed_by": signers(known, policy, keys.now)},
        "coming": known.held_back(now),
        "devices": devices,
        **history,
    }


def _moved(known: Policies, policy: Policy | None, now: datetime) -> dict[str, Any] | None:
    """What begins when at the place to which the person moved, beside the policy that goes on till then."""
    waits = known.after_move(now)
    if waits is None:
        return None
    return {"version": waits[0].version, "begins": waits[1]} | {
        "difference": shown_difference(Change(policy, waits[0]), language())
    }


def _unpermitted(decided: list[PolicyDecision], known: Policies, keys: Signers, now: datetime) -> list[Unpermitted]:
    """What the policies that hold or will hold at the person's site permit beyond what the council there has."""
    site, moment = known.workplace.site, to_ms(now)
    if not any(key.site == site for key in keys.now.keys if key.site is not None):
        return []
    told = Known(known.all, now, keys, timedelta(), language(), of_sites=queries.of_sites(decided))
    mine = [one for one in newest_of_each(known.all) if one.expires > moment and is_for(one.audience, known.workplace)]
    return [one for policy in mine for one in unpermitted(policy, told) if one.site == site]


def _obeyed(known: Policies, fact: DeviceFacts, now: datetime) -> Policy | None:
    """The policy of the permit that the device holds: an older one, for a moment, where a newer has just begun."""
    return known.version(fact.policy_version) if _holds(fact, now) and fact.policy_version is not None else None


def _holds(fact: DeviceFacts, now: datetime) -> bool:
    """Whether the device has a permit now."""
    return fact.lease_until is not None and fact.lease_until > now


def lines(policy: Policy, fact: DeviceFacts, exclusions: list[str], now: datetime, *, halted: bool) -> dict[str, Any]:
    """What one device collects at `now` and what not; `nothing`: why it collects nothing."""
    permit = _holds(fact, now)
    permitted = fact.permitted if permit and not halted else {}
    paused = held_back(policy, permitted) if permitted else []
    nothing = gettext("Nothing. This device has no permit to record.")
    if halted:
        nothing = gettext("Nothing. Recording is stopped for all.")
    elif permit and fact.uploads and policy.rules:
        nothing = gettext("Nothing. You paused everything.")
    return {
        "collected": collected(policy, permitted),
        "not_collected": [*paused, *not_collected(policy, exclusions)],
        "nothing": nothing,
    }


def versions(known: Policies, keys: Signers) -> list[dict[str, Any]]:
    """Every published policy, newest first: what it changed, who signed it by which key."""
    return [
        {
            "version": policy.version,
            "published_at": row.published_at,
            "begins": row.not_before,
            "difference": shown_difference(change(known.all[:number], policy), language()),
            "signed": signed_by(row.envelope.encode(), keys.ever),
        }
        for number, (row, policy) in reversed(list(enumerate(zip(known.rows, known.all, strict=True))))
    ]


def about_policy(policy: Policy) -> dict[str, Any]:
    """The policy's own words and limits."""
    return {
        "version": policy.version,
        "purpose": getattr(policy.purpose, language()),
        "legal_basis": getattr(policy.legal_basis, language()),
        "published_at": from_ms(policy.not_before),
        "expires_at": from_ms(policy.expires),
        "impact_assessment": policy.impact_assessment,
        "hours": hours_words(policy),
        "self_service_hours": policy.self_service_hours,
        "max_sensitivity": policy.max_sensitivity,
    }


def signers(known: Policies, policy: Policy, keys: Trust) -> list[str]:
    """Who signed the policy, checked here once more against the trust document; a council only with all its keys."""
    row = next(row for row in known.rows if row.version == policy.version)
    try:
        signed = dsse.verify(row.envelope.encode(), Policy.TYPE, succession.holders(keys)).signers
    except dsse.SignatureError:
        return [gettext("nobody we know: devices refuse it")]
    officers = [whose(Signer.OFFICER, None)] if signed & keys.keys_of(Signer.OFFICER).keys() else []
    sites = dict.fromkeys(key.site for key in keys.keys if key.signer is Signer.COUNCIL)
    return officers + [whose(Signer.COUNCIL, site) for site in sites if keys.enough(signed, site)]


def _late(since: datetime | None, begins: datetime, now: datetime) -> bool:
    """Whether the device stands there for more than a day, counted from the policy's first moment at the earliest."""
    return since is not None and max(since, begins) < now - ITS_DAY


def _stage(report: Any, fact: DeviceFacts, begins: datetime, now: datetime) -> str:
    """What is known of a device and the policy; `report`: see policy_reports, or none."""
    late = _late(report.applied_at if report else fact.offered_at, begins, now)
    if report is not None and report.what == "applied" and late:
        return str(gettext("applied by the device for more than a day, and still not verified"))
    stages = {
        VERIFIED: gettext("in force and verified: what arrives is what the policy permits"),
        CONTRADICTED: gettext("failed: something arrived that the policy does not permit"),
        "applied": gettext("applied by the device, not verified: it has a day for that"),
        "failed": gettext("refused by the device"),
    }
    if report is not None:
        return str(stages[report.what])
    if fact.policy_version is None:
        return ""
    if late:
        return str(gettext("offered for more than a day, and still not applied"))
    return str(gettext("offered, not applied: it has a day for that"))
