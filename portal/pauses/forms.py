"""The pause form: from what a person chose to the moment it ends, in the person's own time zone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, TimeField
from wtforms.fields import DateTimeLocalField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from portal.core.clock import is_ours, to_utc
from portal.pauses.actions import Asked
from wire.documents import Kind

SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(days=366)
LONGEST_NAME = 80
FOR = (
    ("30m", _("30 minutes")),
    ("1h", _("1 hour")),
    ("today", _("Rest of today")),
    ("until", _("Until a moment I choose")),
    ("opt_out", _("Opt out: until I say otherwise")),
)
WEEKDAYS = (
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
)


class ClockField(TimeField):
    """A time of day; the library has no German for what is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Choose a time of day.")) from None


class ScopeForm(FlaskForm):  # type: ignore[misc]
    """Which kinds and which contexts; nothing chosen means everything."""

    kinds = SelectMultipleField(
        _("Only these kinds"), choices=[SelectChoice(str(kind)) for kind in Kind], validate_choice=False
    )
    contexts = SelectMultipleField(_("Only in these apps and sites"), choices=[], validate_choice=False)
    offered: Sequence[tuple[str, str]] = ()

    def validate_kinds(self, field: SelectMultipleField) -> None:
        if set(field.data or ()) - set(Kind):
            raise ValidationError(_("Choose kinds from the list."))

    def validate_contexts(self, field: SelectMultipleField) -> None:
        known = dict(self.offered)
        unknown = [context for context in field.data or [] if context not in known]
        if unknown:
            name = unknown[0][:LONGEST_NAME]
            raise ValidationError(
                _(
                    "Your policy has no app or site “%(name)s”: nothing would be paused. Choose from the list.",
                    name=name,
                )
            )

    def offer(self, labels: Mapping[str, str]) -> Self:
        """The form with the contexts that can be chosen: id → name."""
        self.offered = sorted(labels.items(), key=lambda pair: pair[1])
        return self


class PauseForm(ScopeForm):
    """One pause, from now."""

    length = RadioField(_("How long"), choices=[SelectChoice(*pair) for pair in FOR], name="for", default="30m")
    part = HiddenField()
    everything = BooleanField(_("Everything, in all apps and sites"))
    until = DateTimeLocalField(_("Until"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])

    def asked(self, now: datetime, zone: ZoneInfo) -> Asked | None:
        """What was asked for at `now`; None, with an error, when nothing is ticked or the moment is wrong."""
        if self._nothing_ticked():
            return None
        ends = self._ends(now, zone)
        if self.length.data == "until" and (ends is None or not now + SHORTEST <= ends <= now + LONGEST):
            message = _("Choose a moment at least 30 minutes and at most a year from now.")
            self.until.errors = [*self.until.errors, message]
            return None
        if self.everything.data:
            return Asked(now, ends)
        return Asked(now, ends, tuple(self.kinds.data or ()), tuple(self.contexts.data or ()))

    def _nothing_ticked(self) -> bool:
        """Whether the form for a part names none, which must not mean everything; says so on its first field."""
        nothing = bool(self.part.data) and not (self.everything.data or self.kinds.data or self.contexts.data)
        if nothing:
            self.kinds.errors = [*self.kinds.errors, _("Tick what you want to pause, or tick Everything.")]
        return nothing

    def _ends(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        match self.length.data:
            case "30m":
                return now + timedelta(minutes=30)
            case "1h":
                return now + timedelta(hours=1)
            case "today":
                return rest_of_today(now, zone)
            case "until" if self.until.data is not None and is_ours(self.until.data):
                return to_utc(self.until.data, zone)
        return None


class WeeklyForm(ScopeForm):
    """A pause that comes back each week."""

    weekday = SelectField(_("Every"), choices=[SelectChoice(*pair) for pair in WEEKDAYS], coerce=int)
    from_time = ClockField(_("From"), validators=[InputRequired()])
    minutes = IntegerField(_("For how many minutes"), validators=[NumberRange(30, 24 * 60)])

    def asked(self, now: datetime) -> Asked:
        """The weekly pause, from `now` on without end."""
        begins = self.from_time.data or time()
        return Asked(
            now,
            None,
            tuple(self.kinds.data or ()),
            tuple(self.contexts.data or ()),
            weekday=self.weekday.data,
            from_minute=begins.hour * 60 + begins.minute,
            minutes=self.minutes.data,
        )


def rest_of_today(now: datetime, zone: ZoneInfo) -> datetime:
    """The coming midnight of the person's own time zone, but never less than 30 minutes away."""
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(to_utc(tomorrow.replace(tzinfo=None), zone), now + SHORTEST)
