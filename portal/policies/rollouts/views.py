"""Rollouts: the list, the live page of one, and the officer's acts on it."""

from collections.abc import Callable

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.policies.models import PolicyRow, Rollout
from portal.policies.rollouts import actions, queries, shown, words
from portal.policies.rollouts.desk import address, change, read, rollout_or_404
from portal.policies.rollouts.rules import HeldError

CONFLICT = 409


def rollouts() -> ResponseReturnValue:
    """All rollouts, those that go on first."""
    return render_template("rollouts/rollouts.html", **shown.listed(queries.rollouts(db())))


def one(version: int) -> ResponseReturnValue:
    """How far a policy has got."""
    return render_template("rollouts/one.html", fragment=False, **shown.page(*rollout_or_404(version)))


def progress(version: int) -> ResponseReturnValue:
    """The part of that page which changes, asked for every few seconds while it goes on."""
    return render_template("rollouts/_progress.html", fragment=True, **shown.progress(*rollout_or_404(version)))


def advance_submit(version: int) -> ResponseReturnValue:
    """Give it to the next ring, if the gate is open."""
    done = lambda row, policy: actions.advance(db(), row, policy, clock.now())  # noqa: E731
    return _tried(version, done, gettext("The next ring gets it now."))


def halt_submit(version: int) -> ResponseReturnValue:
    """Nobody else gets it."""
    done = lambda row, _policy: actions.halt(db(), row)  # noqa: E731
    return _tried(version, done, gettext("Halted. Nobody else gets this policy; who has it keeps it."))


def go_on_submit(version: int) -> ResponseReturnValue:
    """It may go to the next ring again."""
    done = lambda row, _policy: actions.go_on(db(), row)  # noqa: E731
    return _tried(version, done, gettext("It may go to the next ring again."))


def take_back_submit(version: int) -> ResponseReturnValue:
    """Halt, and begin the draft that says again what held before."""
    row, policy = rollout_or_404(version, change=True)
    title = gettext("Instead of version %(version)s", version=version)
    try:
        draft = actions.take_back(db(), person().id, row, policy, title)
    except HeldError as error:
        return _page(row, policy, error), CONFLICT
    flash(gettext("Here is a draft that says again what held before. It holds once it is signed."), "success")
    return see_other(url_for("policy_desk.one", draft_id=draft))


def _tried(version: int, act: Callable[[Rollout, PolicyRow], None], said: str) -> ResponseReturnValue:
    row, policy = rollout_or_404(version, change=True)
    try:
        act(row, policy)
    except HeldError as error:
        return _page(row, policy, error), CONFLICT
    flash(said, "success")
    return see_other(address("one", version=version))


def _page(row: Rollout, policy: PolicyRow, error: HeldError) -> str:
    problem = words.hold(error.hold, actions.gate_of(row))
    return render_template("rollouts/one.html", fragment=False, **shown.page(row, policy, problem))


read("", rollouts)
read("/<int:version>", one)
read("/<int:version>/progress", progress)
change("/<int:version>/advance", advance_submit)
change("/<int:version>/halt", halt_submit)
change("/<int:version>/go-on", go_on_submit)
change("/<int:version>/take-back", take_back_submit)
