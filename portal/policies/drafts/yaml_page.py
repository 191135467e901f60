"""A draft as YAML: to download, and to put in again by hand or as a file."""

from typing import Any
from uuid import UUID

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.policies.drafts import actions, queries, reading, words, writing, yaml_text
from portal.policies.drafts.actions import StaleError
from portal.policies.drafts.desk import CONFLICT, UNPROCESSABLE, bp, draft_or_404, seen
from portal.policies.drafts.edit_page import checked
from portal.policies.drafts.list_page import shown
from portal.policies.drafts.reading import ReadError
from portal.policies.drafts.rules import Problem
from portal.policies.drafts.yaml_text import YamlError
from portal.policies.models import PolicyDraft
from portal.policies.rules import Gate

Shown = dict[str, str | int]


@bp.get("/<uuid:draft_id>/yaml")
@requires(Permission.OFFICER_POLICY_READ)
def yaml(draft_id: UUID) -> ResponseReturnValue:
    """The text, with a box to put in another."""
    row = draft_or_404(draft_id)
    return _page(row, _text(row), [])


@bp.get("/<uuid:draft_id>/policy.yaml")
@requires(Permission.OFFICER_POLICY_READ)
def yaml_file(draft_id: UUID) -> ResponseReturnValue:
    """The text as a file."""
    row = draft_or_404(draft_id)
    name = f"policy-draft-{row.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_text(row), mimetype="application/yaml", headers=headers)


@bp.post("/<uuid:draft_id>/yaml")
@requires(Permission.OFFICER_POLICY_CHANGE)
def yaml_submit(draft_id: UUID) -> ResponseReturnValue:
    """Keep what the text says, if it is a policy; else say on which line it is not."""
    row, by, text = draft_or_404(draft_id), seen(draft_id), _given()
    try:
        read = yaml_text.read(text)
    except YamlError as error:
        return _page(row, text, [error.problem]), UNPROCESSABLE
    tree = dict(read.tree) if isinstance(read.tree, dict) else {}
    rollout, amiss = _rollout(tree.pop("rollout", None))
    policy, problems = checked(tree, by.now, row.id)
    if policy is None or problems or amiss:
        return _page(row, text, [_lined(problem, read.lines) for problem in problems + amiss]), UNPROCESSABLE
    try:
        actions.save(db(), by, row.title, policy, rollout)
    except StaleError:
        return _page(draft_or_404(draft_id), text, [], stale=True), CONFLICT
    flash(gettext("Saved. Here is what it changes."), "success")
    return see_other(url_for("policy_desk.one", draft_id=draft_id))


def _text(row: PolicyDraft) -> str:
    gate = Gate(row.most_failed, row.least_applied)
    return yaml_text.write(writing.tree_of(queries.content(row)) | writing.rollout_of(row.rings, gate))


def _rollout(given: Any) -> tuple[tuple[tuple[int, ...], Gate] | None, list[Problem]]:
    """Rings and gate of the text, and what is wrong with them; a text without that part leaves them as they are."""
    try:
        return None if given is None else reading.rollout(given), []
    except ReadError as error:
        return None, error.problems


def _given() -> str:
    """The uploaded file if there is one, else the box; bytes that are no text become marks."""
    file = request.files.get("file")
    data = file.read(yaml_text.LONGEST + 1) if file else b""
    text = data.decode("utf-8-sig", "replace") if data else request.form.get("text", "")
    return text.replace("\r\n", "\n")


def _lined(problem: Problem, lines: dict[str, int]) -> Problem:
    """The problem with the line of its field, or of the closest part around it that was written."""
    path = problem.path
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return Problem(problem.path, problem.code, problem.parameters, lines.get(path, 1))


def _page(row: PolicyDraft, text: str, problems: list[Problem], *, stale: bool = False) -> str:
    found: list[Shown] = [
        {"line": one.line, "field": words.label(one), "text": words.reason(one)}
        for one in sorted(problems, key=lambda problem: problem.line)
    ]
    revision = row.revision if stale else request.form.get("seen", row.revision, type=int)
    return render_template(
        "policies/yaml.html", draft=shown(row) | {"seen": revision}, text=text, problems=found, stale=stale
    )
