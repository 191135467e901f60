"""What the pages under /data show, gathered into plain values for the templates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from portal.capture import queries, words
from portal.capture.day import Day, Row, Shown, draw, local_midnights, pause_rows, shown
from portal.capture.marks import Mark
from portal.capture.models import Segment, Upload
from portal.capture.months import MONTHS_SHOWN, Facts, Month, days_of, first_of, months
from portal.capture.queries import Filter, Item
from portal.core.clock import from_ms, local_day, to_ms
from portal.core.web.person import Person
from portal.pauses import rules
from portal.pauses.queries import pauses
from portal.policies.queries import Policies, policies

Marked = Callable[[Session, UUID, date, date], dict[date, Mark]]
Whole = list[tuple[datetime, datetime | None]]
MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Part:
    """A pause of a part within one day; `kinds`, `contexts` empty: all. `ends` None: it still holds."""

    begins: datetime
    ends: datetime | None
    kinds: tuple[str, ...]
    contexts: tuple[str, ...]
    one_device: bool


@dataclass(frozen=True)
class DayFacts:
    """One day of one person: what it holds, when it was paused, what was refused."""

    date: date
    zone: ZoneInfo
    stretches: list[tuple[str, datetime, datetime, int]]
    pauses: Whole
    parts: list[Part]
    refused: list[Upload]
    policies: Policies
    now: datetime


def day_facts(
    session: Session, person: Person, day: date, now: datetime, asked: list[rules.Pause] | None = None
) -> DayFacts:
    """Read the day; four queries, three if the caller has read the day's pauses already (`asked`)."""
    zone = ZoneInfo(person.timezone)
    begins, ends = local_midnights(day, zone)
    if asked is None:
        asked = pauses(session, person.id, person.timezone, begins)
    return DayFacts(
        date=day,
        zone=zone,
        stretches=queries.stretches(session, person.id, day),
        pauses=whole_pauses(asked, begins, min(ends, now)),
        parts=part_pauses(asked, begins, min(ends, now)),
        refused=queries.refused(session, person.id, day),
        policies=policies(session, person.id),
        now=now,
    )


def whole_pauses(asked: Sequence[rules.Pause], begins: datetime, ends: datetime) -> Whole:
    """The joined pauses of everything that touch the stretch; the end of the last is None while it still holds."""
    joined = rules.joined(rules.spans(rules.of_everything(asked), to_ms(begins), to_ms(ends)))
    return [
        (from_ms(start), None if end is None or end > to_ms(ends) else from_ms(end))
        for stretches in joined.values()
        for start, end in stretches
    ]


def part_pauses(asked: Sequence[rules.Pause], begins: datetime, ends: datetime) -> list[Part]:
    """The pauses of a part within the stretch, those of the same part joined; the last has no end while it holds."""
    frm, until = to_ms(begins), to_ms(ends)
    return [
        Part(
            from_ms(max(start, frm)),
            None if end is None or end > until else from_ms(end),
            tuple(kinds or ()),
            tuple(contexts or ()),
            device is not None,
        )
        for (kinds, contexts, device), stretches in rules.joined(rules.spans(asked, frm, until)).items()
        if (kinds, contexts, device) != (None, None, None)
        for start, end in stretches
    ]


def picture(facts: DayFacts) -> Day:
    """The day's lanes."""
    moments = [moment for _, begins, ends, _ in facts.stretches for moment in (begins, ends)]
    moments += [upload.started_at or upload.received_at for upload in facts.refused]
    moments += [begins for begins, _ in facts.pauses]
    span: Shown = shown(facts.date, facts.zone, moments)
    stretches = [(begins, ends or facts.now) for begins, ends in facts.pauses]
    return draw(facts.date, span, facts.stretches, stretches, facts.refused, facts.now, day_url(facts.date))


def rows(facts: DayFacts, items: Sequence[Item], *, newest: datetime | None, oldest: datetime | None) -> list[Row]:
    """The list: items, and between them the pauses and refusals that began in [oldest, newest); None: no bound."""
    outside = [upload for upload in facts.refused if not _in_pause(upload, facts.pauses)]
    more = len(facts.refused) == queries.REFUSED_AT_MOST
    others = pause_rows(facts.pauses, facts.refused, more=more)
    others += [_part_row(part, facts.policies) for part in facts.parts]
    others += [_refused_row(upload, facts.policies) for upload in outside]
    if more:
        others.append(Row("more", min(row.start for row in others), None, refused=queries.REFUSED_AT_MOST))
    between = [
        row for row in others if (oldest is None or row.start >= oldest) and (newest is None or row.start < newest)
    ]
    return sorted([*item_rows(facts.policies, items), *between], key=lambda row: row.start, reverse=True)


def item_rows(known: Policies, items: Sequence[Item]) -> list[Row]:
    """The rows of items alone, all of one day."""
    if not items:
        return []
    labels = known.labels()
    named = {key: words.category(key) for key in {key for item in items for key in item.categories}}
    opens, deletes = f"{day_url(items[0].local_day)}/", f"{url_for('deletion.delete')}?"
    return [
        Row(
            "item",
            item.started_at,
            item.ended_at,
            context=labels.get(item.context, item.context),
            kind=item.kind,
            counts=item.counts,
            sensitivity=item.sensitivity,
            categories=tuple([named[key] for key in item.categories]),
            open_url=f"{opens}{item.id}",
            delete_url=deletes + _query(delete_fields(item)),
            id=str(item.id),
        )
        for item in items
    ]


def delete_fields(item: Item | Segment) -> dict[str, str]:
    """The query that asks for the deletion of one item."""
    until = item.started_at + MOMENT
    return {"from": item.started_at.isoformat(), "to": until.isoformat(), "item": str(item.id)}


def _query(fields: dict[str, str]) -> str:
    """Moments and ids as a query; of what they hold only `+` means something else there."""
    return "&".join([f"{name}={value}" for name, value in fields.items()]).replace("+", "%2B")


def delete_all_url(facts: DayFacts, chosen: Filter, items: int) -> str:
    """Where to delete what a list shows; '' when it is empty."""
    if not items:
        return ""
    levels = [str(level) for level in chosen.sensitivities]
    query = {"kind": list(chosen.kinds), "context": list(chosen.contexts), "sensitivity": levels}
    if chosen.since and chosen.until:
        query |= {"from": [chosen.since.isoformat()], "to": [chosen.until.isoformat()]}
    else:
        query |= {"day": [facts.date.isoformat()]}
    return url_for("deletion.delete", **query)  # type: ignore[arg-type]


def item_url(day: date, segment_id: UUID | None) -> str:
    """The page of an item; '' for none."""
    return url_for("capture.item", day=day.isoformat(), segment_id=segment_id) if segment_id else ""


def list_url(starts: datetime | None, ends: datetime | None, zone: ZoneInfo, **narrowed: Sequence[str]) -> str:
    """Where what lies in a stretch is listed: its day, by time, `kind`, `context`, level; the calendar if longer."""
    if starts is None or ends is None or local_day(starts, zone) != local_day(ends - MOMENT, zone):
        return url_for("capture.calendar")
    on = local_day(starts, zone)
    if local_midnights(on, zone) != (starts, ends):
        narrowed |= {"from": [starts.isoformat()], "to": [ends.isoformat()]}
    return url_for("capture.day", day=on.isoformat(), **narrowed)  # type: ignore[arg-type]


def day_url(day: date, **narrowed: str) -> str:
    """The page of a day, narrowed to a `kind`, a `context`."""
    return url_for("capture.day", day=day.isoformat(), **narrowed)  # type: ignore[arg-type]


def _part_row(part: Part, known: Policies) -> Row:
    labels = known.labels()
    contexts = tuple(labels.get(context, context) for context in part.contexts)
    device = gettext("one device") if part.one_device else ""
    return Row("part", part.begins, part.ends, kinds=part.kinds, contexts=contexts, device=device)


def _refused_row(upload: Upload, known: Policies) -> Row:
    start = upload.started_at or upload.received_at
    context = known.labels().get(upload.context or "", upload.context or "")
    why = words.reason(upload.reason)
    return Row("refused", start, upload.ended_at or start, context=context, kind=upload.kind or "", reason=why)


def _in_pause(upload: Upload, stretches: Whole) -> bool:
    moment = upload.started_at or upload.received_at
    return any(begins <= moment and (ends is None or moment < ends) for begins, ends in stretches)


@dataclass(frozen=True)
class Calendar:
    """Three months as a heat map."""

    months: list[Month]
    items: int
    days: int
    marked: bool
    earlier: str
    later: str


def calendar_page(session: Session, person: Person, last: date, now: datetime, marked: Marked) -> Calendar:
    """The months up to that of `last`; two queries, and those of `marked`, which marks days."""
    zone = ZoneInfo(person.timezone)
    begins, ends = first_of(last, MONTHS_SHOWN - 1), first_of(last, -1)
    totals = queries.day_totals(session, person.id, begins, ends)
    opens, closes = local_midnights(begins, zone)[0], local_midnights(ends, zone)[0]
    stretches = whole_pauses(pauses(session, person.id, person.timezone, opens), opens, min(closes, now))
    today = local_day(now, zone)
    paused = {day for start, end in stretches for day in days_of(local_day(start, zone), local_day(end or now, zone))}
    name, marks = lambda day: str(format_date(day, "LLLL yyyy")), marked(session, person.id, begins, ends)
    facts = Facts(totals, frozenset(paused), today, day_url, name, marks)
    older = queries.neighbours(session, person.id, begins)[0]
    return Calendar(
        months(last, facts),
        sum(totals.values()),
        sum(1 for total in totals.values() if total),
        bool(marks),
        url_for("capture.calendar", until=older.isoformat()) if older else "",
        url_for("capture.calendar", until=first_of(last, -MONTHS_SHOWN).isoformat()) if ends <= today else "",
    )
