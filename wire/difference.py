"""What a new policy changes, as lines that people read and sign: pure, the same on every machine.

`lines` finds what differs; `sentences.json` holds each line's sentence in both languages. The file in which officer and
council sign computes both anew, in another language and from that same table, so everything here is simple on purpose:
no locale, no rounding, and each line's text depends on nothing but its own parameters. Of two policies some line says
`more` exactly when `wire.policy.widens` holds.
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from wire import canonical, documents, sentences
from wire.documents import Kind
from wire.policy import Context, Hours, Policy, Rule, loses_nothing
from wire.precedence import AXES, Change, instead, specific

LANGUAGES: Final = ("en", "de")
Value = str | int | tuple[str, ...] | tuple[int, ...]


class Effect(StrEnum):
    """Whether more is captured, kept or allowed than before, or less, or neither."""

    MORE = "more"
    LESS = "less"
    SAME = "same"


@dataclass(frozen=True)
class Line:
    """One thing that differs. `code`: its sentence in the table; `parameters`: what that sentence names."""

    code: str
    effect: Effect
    parameters: dict[str, Value]


def lines(old: Policy | None, new: Policy, beside: Iterable[Policy] = ()) -> tuple[Line, ...]:
    """What `new` changes against `old`, or, without one, all that it says. Never empty, always in the same order.

    `beside`: see wire.precedence.Change. Of them follows what it asks for more, each after a line that names it.
    """
    change = Change(old, new, tuple(beside))
    found = (*_first(change), *_against(old, new))
    return (found or (_same("nothing"),)) + tuple(line for other in change.beside for line in _beside(change, other))


def _against(old: Policy | None, new: Policy) -> tuple[Line, ...]:
    parts = (_dates, _audience, _contexts, _rules, _limits, _words)
    return tuple(line for part in parts for line in part(old, new))


def _beside(change: Change, other: Policy) -> Iterator[Line]:
    new = instead(change, other)
    found = [line for line in _against(other, new) if line.effect is Effect.MORE] if new else []
    if found:
        code = "beside" if specific(other.audience) else "beside.everyone"
        yield _more(code, version=other.version, whom=_places(other))
        yield from found


def _places(policy: Policy) -> tuple[str, ...]:
    axes = (getattr(policy.audience, axis) for axis in AXES)
    return tuple(place for axis in axes if axis is not None for place in _listed(axis))


def text(line: Line, language: str) -> str:
    """The line's sentence in "en" or "de"."""
    return sentences.fill(line.code, line.parameters, language)


def canonical_bytes(old: Policy | None, new: Policy, beside: Iterable[Policy] = ()) -> bytes:
    """The one byte form of the difference: which policies it starts from, its lines, their text in both languages."""
    others = tuple(beside)
    found = lines(old, new, others)
    rows = [{"code": one.code, "effect": str(one.effect), "parameters": one.parameters} for one in found]
    texts = {language: [text(line, language) for line in found] for language in LANGUAGES}
    held = {"beside": [documents.document_hash(one) for one in others]} if others else {}
    replaces = documents.document_hash(old) if old else ""
    return canonical.encode({"replaces": replaces, "lines": rows, **texts, **held})


def digest(old: Policy | None, new: Policy, beside: Iterable[Policy] = ()) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal: what the policy's field `difference` holds."""
    return hashlib.sha256(canonical_bytes(old, new, beside)).hexdigest()


def stated(old: Policy | None, new: Policy, beside: Iterable[Policy] = ()) -> Policy:
    """`new` with the hash of its difference."""
    return dataclasses.replace(new, difference=digest(old, new, beside))


def _more(code: str, **parameters: Value) -> Line:
    return Line(code, Effect.MORE, parameters)


def _less(code: str, **parameters: Value) -> Line:
    return Line(code, Effect.LESS, parameters)


def _same(code: str, **parameters: Value) -> Line:
    return Line(code, Effect.SAME, parameters)


def _first(change: Change) -> Iterator[Line]:
    if change.old is None and change.beside:
        yield _more("first.some", new=tuple(one.version for one in change.beside))
    elif change.old is None:
        yield _more("first")


def _dates(old: Policy | None, new: Policy) -> Iterator[Line]:
    if old is None:
        yield _same("begins.is", new=new.not_before)
        yield _same("expires.is", new=new.expires)
        return
    if new.not_before < old.not_before:
        yield _more("begins.earlier", old=old.not_before, new=new.not_before)
    elif new.not_before > old.not_before:
        yield _same("begins.later", old=old.not_before, new=new.not_before)
    yield from _number("expires", ("later", "earlier"), old.expires, new.expires)


def _audience(old: Policy | None, new: Policy) -> Iterator[Line]:
    if old is None and specific(new.audience) == 0:
        yield _same("audience.everyone")
    for axis in AXES:
        before: tuple[str, ...] | None = getattr(old.audience, axis) if old else None
        after: tuple[str, ...] | None = getattr(new.audience, axis)
        if before is None and after is not None:
            yield _same(f"audience.{axis}.limited", new=_listed(after))
        elif before is not None and after is None:
            yield _more(f"audience.{axis}.unlimited", old=_listed(before))
        elif before is not None and after is not None:
            yield from _axis(axis, before, after)


def _axis(axis: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Line]:
    """Whom it is no longer for goes on with the policy before: nothing is taken from them."""
    for line in _members(f"audience.{axis}", before, after):
        yield line if line.effect is Effect.MORE else dataclasses.replace(line, effect=Effect.SAME)


def _contexts(old: Policy | None, new: Policy) -> Iterator[Line]:
    before = {context.id: context for context in old.contexts} if old else {}
    after = {context.id: context for context in new.contexts}
    for context in new.contexts:
        if context.id in before:
            yield from _context(before[context.id], context)
        else:
            yield _more("context.added", name=context.name, apps=_listed(context.apps), sites=_listed(context.sites))
    for context in before.values():
        if context.id not in after:
            code = "context.removed" if loses_nothing(old, new, context, None) else "context.unlisted"
            yield _less(code, name=context.name, apps=_listed(context.apps), sites=_listed(context.sites))
    for context in before.values():
        if not loses_nothing(old, new, context, after.get(context.id)):
            yield _more("context.uncovered", name=context.name)
    if [one for one in before if one in after] != [one for one in after if one in before]:
        yield _more("contexts.reordered", new=tuple(context.name for context in new.contexts))


def _context(before: Context, after: Context) -> Iterator[Line]:
    if before.name != after.name:
        yield _more("context.renamed", old=before.name, new=after.name)
    yield from _members("context.apps", before.apps, after.apps, name=after.name)
    yield from _members("context.sites", before.sites, after.sites, name=after.name)


def _rules(old: Policy | None, new: Policy) -> Iterator[Line]:
    names = {context.id: context.name for policy in (old, new) if policy for context in policy.contexts}
    for kind in Kind:
        before, after = old.rule(kind) if old else None, new.rule(kind)
        if before is None and after is not None:
            yield _more(
                "rule.added.spaced" if after.interval_s else "rule.added",
                kind=str(kind),
                contexts=_named(after.contexts, names),
                sampling=after.sampling,
                interval=after.interval_s,
                days=after.retention_days,
            )
        elif before is not None and after is None:
            yield _less("rule.removed", kind=str(kind))
        elif before is not None and after is not None:
            yield from _rule(before, after, names)


def _rule(before: Rule, after: Rule, names: dict[str, str]) -> Iterator[Line]:
    kind = str(after.kind)
    for line in _members("rule.contexts", before.contexts, after.contexts, kind=kind):
        yield dataclasses.replace(
            line,
            parameters={key: _named(value, names) if key != "kind" else kind for key, value in line.parameters.items()},
        )
    yield from _number("rule.sampling", ("more", "less"), before.sampling, after.sampling, kind=kind)
    yield from _number(
        "rule.interval", ("longer", "shorter"), before.interval_s, after.interval_s, flip=True, kind=kind
    )
    yield from _number("rule.retention", ("longer", "shorter"), before.retention_days, after.retention_days, kind=kind)


def _limits(old: Policy | None, new: Policy) -> Iterator[Line]:
    yield from _members("exclusions", old.exclusions if old else (), new.exclusions, flip=True)
    yield from _hours(old, new)
    yield from _members("redaction", old.redaction if old else (), new.redaction, flip=True)
    for code, names, field, flip in _NUMBERS:
        if old is None:
            yield _same(f"{code}.is", new=getattr(new, field))
        else:
            yield from _number(code, names, getattr(old, field), getattr(new, field), flip=flip)


def _hours(old: Policy | None, new: Policy) -> Iterator[Line]:
    before, after = old.hours if old else None, new.hours
    if before is None and after is None:
        yield from () if old else (_same("hours.any"),)
    elif before is None and after is not None:
        yield _less("hours.limited", **_span(after))
    elif before is not None and after is None:
        yield _more("hours.unlimited", **_span(before))
    elif before is not None and after is not None:
        yield from _members("hours.days", before.weekdays, after.weekdays)
        yield from _number("hours.from", ("later", "earlier"), before.from_minute, after.from_minute, flip=True)
        yield from _number("hours.to", ("later", "earlier"), before.to_minute, after.to_minute)


def _span(hours: Hours) -> dict[str, Value]:
    return {"days": tuple(sorted(set(hours.weekdays))), "from": hours.from_minute, "to": hours.to_minute}


def _words(old: Policy | None, new: Policy) -> Iterator[Line]:
    for field in ("purpose", "legal_basis"):
        after = getattr(new, field)
        if old is None:
            yield _same(f"{field}.is", en=after.en, de=after.de)
            continue
        for language in LANGUAGES:
            was, now = getattr(getattr(old, field), language), getattr(after, language)
            if was != now:
                yield _more(f"{field}.{language}", old=was, new=now)
    if old is None:
        yield _same("assessment.is", new=new.impact_assessment)
    elif old.impact_assessment != new.impact_assessment:
        yield _more("assessment.changed", old=old.impact_assessment, new=new.impact_assessment)


_NUMBERS: Final = (
    ("sensitivity", ("higher", "lower"), "max_sensitivity", False),
    ("pause", ("longer", "shorter"), "pause_min_minutes", False),
    ("self_service", ("longer", "shorter"), "self_service_hours", True),
    ("lease", ("longer", "shorter"), "lease_ttl_s", False),
)
"""Code, its two ends (greater, smaller), field, and whether a greater number means less capture."""


def _number(
    code: str, ends: tuple[str, str], old: int, new: int, *, flip: bool = False, **more: Value
) -> Iterator[Line]:
    if old != new:
        greater = new > old
        effect = Effect.MORE if greater is not flip else Effect.LESS
        yield Line(f"{code}.{ends[0] if greater else ends[1]}", effect, {**more, "old": old, "new": new})


def _members(code: str, old: Iterable[Any], new: Iterable[Any], *, flip: bool = False, **more: Value) -> Iterator[Line]:
    before, after = _listed(old), _listed(new)
    added, removed = tuple(one for one in after if one not in before), tuple(one for one in before if one not in after)
    if added:
        yield Line(f"{code}.added", Effect.LESS if flip else Effect.MORE, {**more, "new": added})
    if removed:
        yield Line(f"{code}.removed", Effect.MORE if flip else Effect.LESS, {**more, "old": removed})


def _listed(values: Iterable[Any]) -> tuple[Any, ...]:
    """Without repetition, in order."""
    return tuple(dict.fromkeys(values))


def _named(ids: Any, names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names[one] for one in _listed(ids))
