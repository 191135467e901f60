"""/officer/policies/<draft>/bench: an own sample through the collector's redaction, before and after."""

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.pages import language
from portal.policies.drafts import bench, queries, words
from portal.policies.drafts.bench import BenchError, Tried
from portal.policies.drafts.desk import UNPROCESSABLE, bp, draft_or_404
from portal.policies.drafts.list_page import shown
from portal.policies.models import PolicyDraft

UNAVAILABLE = 503


@bp.get("/<uuid:draft_id>/bench")
@requires(Permission.OFFICER_POLICY_READ)
def bench_form(draft_id: UUID) -> ResponseReturnValue:
    """The box for a sample."""
    return _page(draft_or_404(draft_id), "")


@bp.post("/<uuid:draft_id>/bench")
@requires(Permission.OFFICER_POLICY_READ)
def bench_submit(draft_id: UUID) -> ResponseReturnValue:
    """What devices would make of it. It is answered and forgotten."""
    row = draft_or_404(draft_id)
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        return _page(row, "", problem=gettext("Paste a sample first.")), UNPROCESSABLE
    if len(text) > bench.LONGEST:
        most = gettext("A sample has at most %(most)s characters.", most=bench.LONGEST)
        return _page(row, text, problem=most), UNPROCESSABLE
    try:
        tried = bench.run(text, queries.content(row).redaction)
    except BenchError:
        gone = gettext("The redaction did not answer. Try a shorter sample, or again in a moment.")
        return _page(row, text, problem=gone), UNAVAILABLE
    return _page(row, text, tried)


def _page(row: PolicyDraft, text: str, tried: list[Tried] | None = None, problem: str = "") -> str:
    policy = queries.content(row)
    names = dict(words.redactions(language()))
    rows: list[dict[str, Any]] = [
        {
            "before": one.before,
            "after": one.after,
            "found": ", ".join(names[name] for name in one.classes),
            "level": one.level,
            "dropped": one.level > policy.max_sensitivity,
        }
        for one in tried or []
        if one.before.strip()
    ]
    return render_template(
        "policies/bench.html",
        draft=shown(row),
        text=text,
        rows=rows,
        problem=problem,
        most=bench.LONGEST,
        max_sensitivity=policy.max_sensitivity,
    )
