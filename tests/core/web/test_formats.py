"""The quick words, times and figures say what Flask-Babel says, and escape what they are given."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel, format_number, format_time
from markupsafe import Markup

from portal.core.web import formats

DAY = datetime(2026, 3, 29, tzinfo=UTC)  # clocks change in Berlin


@pytest.fixture(params=["en_GB", "de"])
def spoken(request: pytest.FixtureRequest) -> Iterator[Flask]:
    app = Flask("portal", root_path="portal")
    Babel(app, default_locale=request.param, default_timezone="Europe/Berlin")
    formats.register(app)
    with app.test_request_context():
        yield app


def test_every_minute_is_told_as_flask_babel_tells_it(spoken: Flask) -> None:
    moments = [DAY + timedelta(minutes=count) for count in range(24 * 60)]
    assert [formats.time_of_day(at, "short") for at in moments] == [format_time(at, "short") for at in moments]
    for form in ("medium", "HH:mm"):
        assert formats.time_of_day(DAY, form) == format_time(DAY, form)


def test_figures_are_written_as_flask_babel_writes_them(spoken: Flask) -> None:
    for number in (0, 7, 999, 1000, 4800, 1234567, 1.5):
        assert formats.figure(number) == format_number(number)


def test_what_is_put_into_a_message_is_escaped(spoken: Flask) -> None:
    shown = "<b>%(name)s</b> 100 %%"
    assert formats.words(shown, name="<i>") == Markup("<b>&lt;i&gt;</b> 100 %")
    assert formats.words(shown, name=Markup("<i>")) == Markup("<b><i></b> 100 %")
    assert formats.words("100 %%") == Markup("100 %")
    assert formats.plural("%(num)s of %(text)s", "%(num)s in %(text)s", 2, text="&") == Markup("2 in &amp;")


def test_templates_use_them(spoken: Flask) -> None:
    source = "{{ _('%(a)s', a=b) }} {{ ngettext('%(num)s', '%(num)s', 1) }} {{ n | numberformat }} "
    drawn = spoken.jinja_env.from_string(source + "{{ at | timeformat('short') }}").render(b="<", n=1000, at=DAY)
    assert drawn == f"&lt; 1 {format_number(1000)} {format_time(DAY, 'short')}"
