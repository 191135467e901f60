"""/officer/policies/<draft>: what it changes, for how many people, and whose signatures it needs; submit, withdraw."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.clock import from_ms, to_ms
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.pages import language
from portal.core.web.state import db, settings
from portal.policies.deciding import queries as deciding
from portal.policies.deciding.queries import Signers
from portal.policies.deciding.rules import needed
from portal.policies.deciding.shown import Known, conditions, decisions, unpermitted
from portal.policies.drafts import actions, queries, rules, words
from portal.policies.drafts.actions import RefusedError, StaleError
from portal.policies.drafts.desk import CONFLICT, UNPROCESSABLE, bp, draft_or_404, seen
from portal.policies.drafts.list_page import new_draft, shown, whom
from portal.policies.drafts.rules import Problem
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy
from portal.policies.rules import Gate, RingsError, gate_from, rings_of, written
from portal.policies.shown import shown_difference
from wire import documents
from wire.policy import Policy
from wire.precedence import Change, change

LONGEST_RINGS = 100
OF_ROLLOUT = ("rings", "most_failed", "least_applied")
OPEN = (DraftState.DRAFT, DraftState.SUBMITTED)


@bp.get("/<uuid:draft_id>")
@requires(Permission.OFFICER_POLICY_READ)
def one(draft_id: UUID) -> ResponseReturnValue:
    """What the draft changes."""
    return _page(draft_or_404(draft_id))


@bp.post("/<uuid:draft_id>/submit")
@requires(Permission.OFFICER_POLICY_CHANGE)
def submit_submit(draft_id: UUID) -> ResponseReturnValue:
    """Freeze it as the document that is signed."""
    row = draft_or_404(draft_id)
    try:
        notice = timedelta(hours=settings().policy_notice)
        policy = actions.submit(db(), seen(draft_id), notice, *rings())
    except StaleError:
        return _page(draft_or_404(draft_id), [("", _stale())]), CONFLICT
    except RefusedError as error:
        return _page(row, [_told(one) for one in error.problems]), UNPROCESSABLE
    flash(gettext("Submitted as version %(version)s. It waits for its signatures.", version=policy.version), "success")
    return see_other(url_for("policy_desk.one", draft_id=draft_id))


@bp.post("/<uuid:draft_id>/withdraw")
@requires(Permission.OFFICER_POLICY_CHANGE)
def withdraw_submit(draft_id: UUID) -> ResponseReturnValue:
    """Take it back. It stays readable, and a new draft can be made."""
    draft_or_404(draft_id)
    try:
        actions.withdraw(db(), seen(draft_id))
    except StaleError:
        return _page(draft_or_404(draft_id), [("", _stale())]), CONFLICT
    flash(gettext("Withdrawn. Nothing of it comes into force."), "success")
    return see_other(url_for("policy_desk.drafts"))


@bp.post("/<uuid:draft_id>/copy")
@requires(Permission.OFFICER_POLICY_CHANGE)
def copy_submit(draft_id: UUID) -> ResponseReturnValue:
    """A new draft with the same content: what was submitted, withdrawn or rejected does not change any more."""
    row = draft_or_404(draft_id)
    made = new_draft(row.title, rules.whole_minutes(queries.content(row)), row.id)
    flash(gettext("Here is a new draft with the same content."), "success")
    return see_other(url_for("policy_desk.edit", draft_id=made))


def rings() -> tuple[tuple[int, ...], Gate]:
    """The rings in the form, and their gate. Raises RefusedError."""
    given = request.form.get
    try:
        steps = rings_of(given("rings", "")[:LONGEST_RINGS])
        return steps, gate_from(given("most_failed", "")[:LONGEST_RINGS], given("least_applied", "")[:LONGEST_RINGS])
    except RingsError as error:
        raise RefusedError([Problem(error.field, error.why)]) from error


def _stale() -> str:
    return str(
        gettext(
            "Another tab or officer changed this draft since you opened the page. Here it is as it is now; decide anew."
        )
    )


def _told(problem: Problem) -> tuple[str, str]:
    """The field of the page's form that is wrong, '' where it is the draft itself; and what is wrong."""
    field = problem.path.removeprefix("rollout.")
    return (field if field in OF_ROLLOUT else ""), f"{words.label(problem)}: {words.reason(problem)}"


def _page(row: PolicyDraft, problems: list[tuple[str, str]] | None = None) -> str:
    known = every_policy(db())
    policy = current(row, known)
    step, signers = base(row, policy, known), deciding.signers(db())
    return render_template(
        "policies/one.html",
        draft=shown(row),
        problems=problems or [],
        whom=whom(policy),
        people=queries.audience_size(db(), policy.audience),
        difference=shown_difference(step, language()),
        needed=needed(step, signers.now),
        document=documents.document_hash(policy) if row.submitted_at else "",
        numbered=policy.version,
        begins=None if row.state in OPEN and rules.begins_at_once(policy) else from_ms(policy.not_before),
        ends=from_ms(policy.expires),
        rings=request.form.get("rings", written(row.rings)),
        gate={name: request.form.get(name, str(getattr(row, name))) for name in ("most_failed", "least_applied")},
        **_decided(row, policy, known, signers),
    )


def _decided(row: PolicyDraft, policy: Policy, known: tuple[Policy, ...], signers: Signers) -> dict[str, Any]:
    """Decisions about the draft, the conditions that it answers, and what sites' own councils have not permitted."""
    rows, of_sites = deciding.decided(db(), *filter(None, (row.id, row.parent_id)))
    facts = Known(known, clock.now(), signers, timedelta(), language(), of_sites=of_sites)
    return {
        "decisions": decisions([one for one in rows if one.draft_id == row.id], signers),
        "conditions": conditions(rows, row, signers),
        "linked": {name: one and (one.id, one.number) for name, one in deciding.linked(db(), row).items()},
        "unpermitted": unpermitted(policy, facts),
    }


def current(row: PolicyDraft, known: tuple[Policy, ...]) -> Policy:
    """The document of a submitted draft; of one still being written, what it would be if submitted now."""
    policy = queries.content(row)
    if row.submitted_at is not None:
        return policy
    return rules.previewed(policy, known, to_ms(clock.now()))


def base(row: PolicyDraft, policy: Policy, known: tuple[Policy, ...]) -> Change:
    """What it changes; the policy that it replaces is noted when it is submitted."""
    step = change(known, policy)
    if row.state is DraftState.DRAFT or row.submitted_at is None:
        return step
    return step._replace(old=next((one for one in known if one.version == row.replaces_version), None))
