"""/officer/policies: what is being written and decided, what is published; a new draft from one of them."""

from typing import Any
from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.clock import from_ms, to_ms
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.policies.default_policy import default_policy
from portal.policies.drafts import actions, queries, rules, words
from portal.policies.drafts.desk import bp, title
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy
from wire.policy import Policy

DEFAULT = "default"


@bp.get("")
@requires(Permission.OFFICER_POLICY_READ)
def drafts() -> ResponseReturnValue:
    """Drafts, and published policies."""
    known = every_policy(db())
    return render_template(
        "policies/drafts.html",
        drafts=[shown(row) for row in queries.drafts(db())],
        published=[_published(policy, known) for policy in reversed(known)],
        sources=[(str(one.version), _source(one)) for one in reversed(rules.newest_of_each(known))]
        + [(DEFAULT, gettext("The policy that ships with Daylight"))],
    )


@bp.post("")
@requires(Permission.OFFICER_POLICY_CHANGE)
def create_submit() -> ResponseReturnValue:
    """A new draft from a published policy, or from the one that ships."""
    policy = _from(request.form.get("source", ""))
    if policy is None:
        abort(400)
    name = title(gettext("New policy of %(day)s", day=clock.now().date().isoformat()))
    made = actions.create(db(), person().id, name, rules.whole_minutes(policy))
    flash(gettext("The draft is here. Nobody else is told before you submit it."), "success")
    return see_other(url_for("policy_desk.edit", draft_id=made))


def _from(source: str) -> Policy | None:
    if source == DEFAULT:
        return default_policy(to_ms(clock.now()))
    return next((one for one in every_policy(db()) if str(one.version) == source), None)


def shown(row: PolicyDraft) -> dict[str, Any]:
    """A draft as templates take it."""
    return {
        "id": row.id,
        "number": row.number,
        "title": row.title,
        "state": row.state.value,
        "state_words": str(words.STATES[row.state]),
        "tone": words.TONES.get(row.state, ""),
        "changed_at": row.changed_at,
        "submitted_at": row.submitted_at,
        "replaces": row.replaces_version,
        "answers": row.answers_id is not None,
        "seen": row.revision,
        "can_edit": row.state is DraftState.DRAFT,
        "can_withdraw": row.closed_at is None,
    }


def _published(policy: Policy, known: tuple[Policy, ...]) -> dict[str, Any]:
    now = to_ms(clock.now())
    newest = policy in rules.newest_of_each(known)
    if policy.expires <= now:
        state = gettext("over")
    elif not newest:
        state = gettext("replaced")
    else:
        state = gettext("in force") if policy.not_before <= now else gettext("to come")
    if policy in rules.unfollowed(known, now):
        state = gettext("%(state)s, without a successor", state=state)
    return {
        "version": policy.version,
        "whom": whom(policy),
        "begins": from_ms(policy.not_before),
        "ends": from_ms(policy.expires),
        "state": state,
        "current": newest and policy.not_before <= now < policy.expires,
    }


def _source(policy: Policy) -> str:
    return str(gettext("Version %(version)s: %(whom)s", version=policy.version, whom=whom(policy)))


def whom(policy: Policy) -> str:
    """Whom the policy is for, in a few words."""
    return policy.audience.named or str(gettext("everyone"))


def new_draft(name: str, policy: Policy, parent: UUID | None = None) -> UUID:
    """A draft with this content; its id."""
    return actions.create(db(), person().id, name, policy, parent)
