"""What a person may set for themselves."""

from typing import Final
from zoneinfo import available_timezones

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired

from portal.core.web.pages import LANGUAGES, THEMES

TIMEZONES: Final = tuple(sorted(available_timezones() - {"Factory", "localtime"}))


class PreferencesForm(FlaskForm):  # type: ignore[misc]
    """Language, time zone, colours."""

    language = RadioField(choices=[SelectChoice(*pair) for pair in LANGUAGES.items()], validators=[InputRequired()])
    timezone = StringField(
        validators=[AnyOf(TIMEZONES, lazy_gettext("We know no such time zone. Choose one from the list."))]
    )
    theme = RadioField(choices=[SelectChoice(theme) for theme in THEMES], default="")
