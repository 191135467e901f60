"""What people write: a petition, a rejection, minutes, an answer."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length

from portal.core.plain import plain
from portal.petitions.actions import Written
from portal.petitions.rules import Answerer, Reason
from portal.petitions.words import ANSWERERS, CHOSEN, REASONS

TITLE, TEXT, NAME = 120, 4000, 120
ASKED = _("Say it in a few words.")


def _text(label: Any, most: int = TEXT, least: int = 10) -> TextAreaField:
    long_enough = Length(least, most, _("Between %(min)d and %(max)d characters, please."))
    return TextAreaField(label, filters=[plain], validators=[InputRequired(ASKED), long_enough])


class PetitionForm(FlaskForm):  # type: ignore[misc]
    """A petition as its author writes it."""

    title = StringField(
        _("Title"),
        filters=[plain],
        validators=[InputRequired(ASKED), Length(8, TITLE, _("Between %(min)d and %(max)d characters, please."))],
    )
    demand = _text(_("What should happen?"))
    reasons = _text(_("Why?"))
    answerer = RadioField(
        _("Who should answer?"),
        choices=[SelectChoice(one.value, words) for one, words in ANSWERERS.items()],
        default=Answerer.EMPLOYER.value,
    )

    def written(self) -> Written:
        """What was written, once the form is valid, or as far as it goes."""
        chosen = Answerer(self.answerer.data) if self.answerer.data in set(Answerer) else Answerer.EMPLOYER
        return Written(
            (self.title.data or "")[:TITLE], (self.demand.data or "")[:TEXT], (self.reasons.data or "")[:TEXT], chosen
        )


class RejectForm(FlaskForm):  # type: ignore[misc]
    """Why the works council rejects."""

    reason = RadioField(
        _("Reason"), choices=[SelectChoice(one.value, REASONS[one]) for one in CHOSEN], default=Reason.DUPLICATE.value
    )
    words = _text(_("In your own words"))


class DiscussForm(FlaskForm):  # type: ignore[misc]
    """What came of it."""

    minutes = _text(_("Minutes of the meeting"))
    result = _text(_("Result"))

    def told(self) -> tuple[str, str]:
        """Minutes and result."""
        return self.minutes.data or "", self.result.data or ""


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The employer's written answer."""

    by = StringField(
        _("Who answers for the employer"),
        filters=[plain],
        validators=[InputRequired(ASKED), Length(2, NAME, _("Between %(min)d and %(max)d characters, please."))],
    )
    words = _text(_("The answer"))
