"""The form of a draft. What was typed is never lost: not to a mistake, and not to another tab that saved meanwhile."""

from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.clock import to_ms
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.pages import language
from portal.core.web.state import db, settings
from portal.policies.drafts import actions, forms, queries, reading, rules, words, writing
from portal.policies.drafts.actions import StaleError
from portal.policies.drafts.desk import CONFLICT, UNPROCESSABLE, bp, draft_or_404, seen, title
from portal.policies.drafts.forms import Form
from portal.policies.drafts.list_page import new_draft, shown
from portal.policies.drafts.reading import ReadError
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy
from wire import difference
from wire.policy import Policy


@bp.get("/<uuid:draft_id>/edit")
@requires(Permission.OFFICER_POLICY_CHANGE)
def edit(draft_id: UUID) -> ResponseReturnValue:
    """The form, as the draft is now."""
    row = draft_or_404(draft_id)
    if row.state is not DraftState.DRAFT:
        flash(gettext("This draft is closed or waits for a decision, so it does not change any more."), "info")
        return see_other(url_for("policy_desk.one", draft_id=draft_id))
    return _page(row, Form(row.title, writing.tree_of(queries.content(row))))


@bp.post("/<uuid:draft_id>/edit")
@requires(Permission.OFFICER_POLICY_CHANGE)
def edit_submit(draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed, if it is a policy; else say at each field what is not."""
    row, by = draft_or_404(draft_id), seen(draft_id)
    tree = forms.tree_of(request.form)
    policy, problems = checked(tree, by.now, row.id)
    if not title():
        problems.append(rules.Problem("title", "empty"))
    if policy is None or problems:
        return _page(row, _form(tree, problems)), UNPROCESSABLE
    try:
        actions.save(db(), by, title(), policy)
    except StaleError:
        return _stale(draft_id, tree, policy), CONFLICT
    flash(gettext("Saved. Here is what it changes."), "success")
    return see_other(url_for("policy_desk.one", draft_id=draft_id))


@bp.post("/<uuid:draft_id>/rows")
@requires(Permission.OFFICER_POLICY_CHANGE)
def rows_submit(draft_id: UUID) -> ResponseReturnValue:
    """The same form with an app or site more or less; nothing is saved."""
    row, tree = draft_or_404(draft_id), forms.tree_of(request.form)
    if "add" in request.form:
        tree = forms.with_row(tree)
    known = {context["id"] for context in tree["contexts"]}
    for rule in tree["rules"]:
        rule["contexts"] = [name for name in rule["contexts"] if name in known]
    return _page(row, _form(tree, []))


@bp.post("/<uuid:draft_id>/as-new")
@requires(Permission.OFFICER_POLICY_CHANGE)
def as_new_submit(draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed as another draft: for when this one changed meanwhile."""
    row, tree = draft_or_404(draft_id), forms.tree_of(request.form)
    policy, problems = checked(tree, clock.now(), row.id)
    if policy is None or problems:
        return _page(row, _form(tree, problems)), UNPROCESSABLE
    made = new_draft(title(row.title), policy, row.id)
    flash(gettext("Saved as a draft of its own."), "success")
    return see_other(url_for("policy_desk.one", draft_id=made))


def checked(tree: Any, now: Any, but: UUID) -> tuple[Policy | None, list[rules.Problem]]:
    """The policy of a tree, and what is wrong with it now, also beside the others. `but`: its own draft."""
    try:
        policy = reading.read(tree)
    except ReadError as error:
        return None, error.problems
    others = (*every_policy(db()), *queries.submitted(db(), but))
    return policy, rules.untimely(policy, to_ms(now)) + rules.ties(policy, others, to_ms(now))


def _form(tree: dict[str, Any], problems: list[rules.Problem]) -> Form:
    errors, other = forms.errors_of(problems, tree)
    return Form(title(), tree, errors, other)


def _stale(draft_id: UUID, tree: dict[str, Any], mine: Policy) -> str:
    row = draft_or_404(draft_id)
    theirs = queries.content(row)
    lines = difference.lines(theirs, mine)
    return _page(row, _form(tree, []), changed=[difference.text(line, language()) for line in lines])


def _page(row: PolicyDraft, form: Form, changed: list[str] | None = None) -> str:
    """`changed`: what saving now would change against what somebody else saved meanwhile."""
    places = [(one["id"], one["name"] or one["id"]) for one in form.tree["contexts"] if one["id"]]
    return render_template(
        "policies/edit.html",
        draft=shown(row) | {"seen": _revision(row, changed)},
        form=form,
        rules={kind: rule | {"places": chosen_first(places, rule["contexts"])} for kind, rule in form.rules().items()},
        order=" ".join(str(rule["kind"]) for rule in form.tree["rules"]),
        kinds=words.kinds(language()),
        redactions=chosen_first(words.redactions(language()), form.tree["redaction"]),
        weekdays=words.weekdays(language()),
        places=queries.places(db()),
        changed=changed,
        pause_minutes=rules.PAUSE_MINUTES,
        notice_hours=settings().policy_notice,
    )


def chosen_first(options: list[tuple[str, str]], chosen: list[str]) -> list[tuple[str, str]]:
    """The options with the chosen ones first, in their order: an untouched form saves what it was drawn from."""
    return sorted(options, key=lambda one: chosen.index(one[0]) if one[0] in chosen else len(chosen))


def _revision(row: PolicyDraft, changed: list[str] | None) -> int:
    """What the form was made from: once the officer was told of the newer one, that; until then what the form said."""
    return row.revision if changed is not None else request.form.get("seen", row.revision, type=int)
