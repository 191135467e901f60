"""A policy as the plain tree that form and YAML share: mappings, lists, texts and numbers, in a fixed order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from portal.core.clock import from_ms
from portal.policies.drafts.rules import begins_at_once
from portal.policies.rules import Gate, written
from wire.policy import Hours, Policy

AT_ONCE: Final = "at once"
ALL: Final = "all"
ANY: Final = "any"
MOMENT: Final = "%Y-%m-%d %H:%M"


def tree_of(policy: Policy) -> dict[str, Any]:
    """Everything of the policy that an officer decides; number, difference and moment of issue are not theirs."""
    audience = policy.audience
    return {
        "audience": {
            "sites": _axis(audience.sites),
            "departments": _axis(audience.departments),
            "countries": _axis(audience.countries),
        },
        "begins": AT_ONCE if begins_at_once(policy) else moment(policy.not_before),
        "ends": moment(policy.expires),
        "contexts": [
            {"id": one.id, "name": one.name, "apps": list(one.apps), "sites": list(one.sites)}
            for one in policy.contexts
        ],
        "rules": [
            {
                "kind": str(rule.kind),
                "contexts": list(rule.contexts),
                "sampling": rule.sampling,
                "interval_s": rule.interval_s,
                "retention_days": rule.retention_days,
            }
            for rule in policy.rules
        ],
        "exclusions": list(policy.exclusions),
        "hours": _hours(policy.hours),
        "redaction": list(policy.redaction),
        "max_sensitivity": policy.max_sensitivity,
        "purpose": {"en": policy.purpose.en, "de": policy.purpose.de},
        "legal_basis": {"en": policy.legal_basis.en, "de": policy.legal_basis.de},
        "impact_assessment": policy.impact_assessment,
        "pause_min_minutes": policy.pause_min_minutes,
        "self_service_hours": policy.self_service_hours,
        "lease_ttl_s": policy.lease_ttl_s,
    }


def rollout_of(rings: Sequence[int], gate: Gate) -> dict[str, Any]:
    """How it goes out, which is no part of the policy: the steps, and what holds them up."""
    return {"rollout": {"rings": written(rings), "most_failed": gate.most_failed, "least_applied": gate.least_applied}}


def _axis(values: tuple[str, ...] | None) -> str | list[str]:
    return ALL if values is None else list(values)


def _hours(hours: Hours | None) -> str | dict[str, Any]:
    if hours is None:
        return ANY
    return {"weekdays": list(hours.weekdays), "from": clock(hours.from_minute), "to": clock(hours.to_minute)}


def clock(minute: int) -> str:
    """A minute of the day as 08:30; its end is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def moment(milliseconds: int) -> str:
    """A moment in UTC, to the minute."""
    return from_ms(milliseconds).strftime(MOMENT)


def moment_ms(text: str) -> int:
    """Unix milliseconds of such a moment. Raises ValueError."""
    return int(datetime.strptime(text, MOMENT).replace(tzinfo=UTC).timestamp()) * 1000
