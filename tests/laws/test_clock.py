"""Dated cases of every rule of the clock. The days stand here as a lawyer would write them; nothing is computed."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.laws import book
from portal.laws.book import LAWS, LawError, clock, law, law_for
from portal.laws.law import Period, Unit
from portal.laws.rules import Clock, Event, Happened, add_months

BERLIN = "Europe/Berlin"
PACIFIC = "America/Los_Angeles"


def at(day: str, hour: int = 10, zone: str = BERLIN) -> datetime:
    """A moment of a day in the zone."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def gdpr(received: str, *events: Event, kind: str = "erase", country: str | None = "DE") -> Clock:
    """A clock under the GDPR in Germany."""
    return clock("gdpr", kind, country, at(received), list(events), BERLIN)


def cpra(received: str, *events: Event, kind: str = "erase") -> Clock:
    """A clock under the CPRA in California."""
    return clock("cpra", kind, "US-CA", at(received, zone=PACIFIC), list(events), PACIFIC)


def asked(day: str, reason: str = "identity") -> Event:
    """HR asks back."""
    return Event(Happened.ASKED_BACK, at(day), reason)


def answered(day: str) -> Event:
    """The person answers."""
    return Event(Happened.ANSWERED, at(day, 15))


def extended(day: str, zone: str = BERLIN) -> Event:
    """HR extends, and says so."""
    return Event(Happened.EXTENDED, at(day, zone=zone))


ONE_MONTH = [
    ("2026-11-02", "2026-12-02", "a plain month"),
    ("2026-03-05", "2026-04-07", "5 April is Easter Sunday, 6 April Easter Monday"),
    ("2026-01-31", "2026-03-02", "there is no 31 February: the 28th, a Saturday, so Monday"),
    ("2028-01-31", "2028-02-29", "a leap year: 29 February, a Tuesday"),
    ("2024-01-29", "2024-02-29", "29 January in a leap year"),
    ("2027-01-29", "2027-03-01", "29 January in another year: 28 February is a Sunday"),
    ("2024-02-29", "2024-04-02", "29 March is Good Friday, then Easter"),
    ("2026-05-31", "2026-06-30", "31 May and a month: the last day of June"),
    ("2026-08-31", "2026-09-30", "the example of EDPB Guidelines 01/2022"),
    ("2026-09-03", "2026-10-05", "3 October is a Saturday and a holiday"),
    ("2026-11-25", "2026-12-28", "Christmas Day on a Friday, 26 December, a weekend"),
    ("2026-12-01", "2027-01-04", "New Year's Day on a Friday, a weekend"),
    ("2026-12-31", "2027-02-01", "31 January is a Sunday"),
    ("2026-02-28", "2026-03-30", "28 March is a Saturday, though received on the last day of a month"),
    ("2026-10-24", "2026-11-24", "over the end of summer time"),
    ("2026-02-27", "2026-03-27", "before the begin of summer time"),
]


@pytest.mark.parametrize(("received", "due", "why"), ONE_MONTH, ids=[case[2] for case in ONE_MONTH])
def test_gdpr_one_month(received: str, due: str, why: str) -> None:
    assert gdpr(received).due_on == date.fromisoformat(due), why


def test_due_is_the_end_of_the_last_day_on_both_sides_of_a_change_of_clocks() -> None:
    assert gdpr("2026-02-27").due == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert gdpr("2026-02-28").due == datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert gdpr("2026-09-24").due == datetime(2026, 10, 26, 23, tzinfo=UTC)


def test_the_day_of_receipt_is_that_of_the_persons_zone() -> None:
    moment = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    assert clock("gdpr", "erase", "DE", moment, [], BERLIN).received_on == date(2026, 11, 3)
    assert clock("gdpr", "erase", "DE", moment, [], "UTC").received_on == date(2026, 11, 2)
    assert clock("gdpr", "erase", "DE", moment, [], BERLIN).due_on == date(2026, 12, 3)


def test_holidays_are_those_of_the_country() -> None:
    assert gdpr("2026-04-01", country="DE").due_on == date(2026, 5, 4), "1 May is a holiday in Germany, then a weekend"
    assert gdpr("2026-02-17", country="IE").due_on == date(2026, 3, 18), "Saint Patrick's Day"
    assert gdpr("2026-02-17", country="DE").due_on == date(2026, 3, 17)


def test_an_unknown_country_has_weekends_only() -> None:
    assert gdpr("2026-11-25", country="ZZ").due_on == date(2026, 12, 25)
    assert gdpr("2026-11-26", country=None).due_on == date(2026, 12, 28)


EXTENDED = [
    ("2026-11-02", "2026-11-20", "2027-02-02", "three months from receipt"),
    ("2026-11-02", "2026-12-02", "2027-02-02", "told on the last day"),
    ("2026-11-25", "2026-12-28", "2027-02-25", "told on the day to which Christmas moved the end"),
    ("2025-11-30", "2025-12-05", "2026-03-02", "28 February 2026 is a Saturday"),
    ("2026-12-31", "2027-01-04", "2027-03-31", "over February, which takes nothing away"),
]


@pytest.mark.parametrize(("received", "told", "due", "why"), EXTENDED, ids=[case[3] for case in EXTENDED])
def test_gdpr_extension_inside_the_first_month(received: str, told: str, due: str, why: str) -> None:
    found = gdpr(received, extended(told))
    assert (found.due_on, found.extended, found.extendable_until) == (date.fromisoformat(due), True, None), why


def test_gdpr_extension_after_the_first_month_moves_nothing_and_says_so() -> None:
    found = gdpr("2026-11-02", extended("2026-12-03"))
    assert (found.due_on, found.extended) == (date(2026, 12, 2), False)
    assert "extended_too_late" in [line.code for line in found.lines]


def test_gdpr_extension_counts_once() -> None:
    found = gdpr("2026-11-02", extended("2026-11-10"), extended("2026-11-11"))
    assert found.due_on == date(2027, 2, 2)
    assert [line.code for line in found.lines].count("extended_before") == 1


def test_gdpr_extension_can_be_told_until_the_last_day_of_the_month() -> None:
    assert gdpr("2026-11-25").extendable_until == date(2026, 12, 28)


ASKED = [
    (("identity", "erase", "2026-11-04", "2026-11-14"), "2026-12-14", "ten days stood: 12 December is a Saturday"),
    (("identity", "erase", "2026-11-04", "2026-11-04"), "2026-12-02", "answered the same day"),
    (("scope", "access", "2026-11-04", "2026-11-11"), "2026-12-09", "recital 63: access to a great deal"),
    (("scope", "erase", "2026-11-04", "2026-11-14"), "2026-12-02", "recital 63 speaks of access only"),
    (("other", "access", "2026-11-04", "2026-11-14"), "2026-12-02", "another question costs our own time"),
    (("nonsense", "access", "2026-11-04", "2026-11-14"), "2026-12-02", "a reason no law knows"),
    (("identity", "erase", "2026-12-03", "2026-12-20"), "2026-12-02", "asked after the end"),
]


@pytest.mark.parametrize(("asking", "due", "why"), ASKED, ids=[case[2] for case in ASKED])
def test_gdpr_asked_back_and_answered(asking: tuple[str, str, str, str], due: str, why: str) -> None:
    reason, kind, on, until = asking
    assert gdpr("2026-11-02", asked(on, reason), answered(until), kind=kind).due_on == date.fromisoformat(due), why


def test_gdpr_an_unanswered_question_lets_the_clock_stand() -> None:
    found = gdpr("2026-11-02", asked("2026-11-04"))
    assert found.stands_since == date(2026, 11, 4)
    assert found.days_left(date(2027, 6, 1)) == 28, "what was left when it stopped"
    assert gdpr("2026-11-02").days_left(date(2026, 12, 3)) == -1


def test_gdpr_two_questions_at_once_stand_once() -> None:
    found = gdpr("2026-11-02", asked("2026-11-04"), asked("2026-11-06"), answered("2026-11-11"), answered("2026-11-13"))
    assert found.due_on == date(2026, 12, 9), "seven days, and no more after the answer"


def test_gdpr_the_extension_can_be_told_later_when_the_clock_stood() -> None:
    found = gdpr("2026-11-02", asked("2026-11-04"), answered("2026-11-14"), extended("2026-12-10"))
    assert (found.extended, found.due_on) == (True, date(2027, 2, 12)), "2 February and ten days"


STANDING = [
    (
        (asked("2026-11-04"), extended("2026-12-10")),
        "2027-02-02",
        "unanswered: 28 days are left",
    ),
    ((asked("2026-11-04"), extended("2027-03-01")), "2027-02-02", "however long it stands"),
    ((asked("2026-12-02"), extended("2026-12-20")), "2027-02-02", "asked on the last day"),
    (
        (asked("2026-11-04"), extended("2026-12-10"), answered("2026-12-14")),
        "2027-03-15",
        "40 days, to a Sunday",
    ),
    ((asked("2026-11-04"), asked("2026-12-10"), extended("2026-12-11")), "2027-02-02", "asked twice"),
    ((asked("2026-11-04"), answered("2026-11-14"), asked("2026-12-10"), extended("2027-01-10")), "2027-02-12", "again"),
]


@pytest.mark.parametrize(("events", "due", "why"), STANDING, ids=[case[2] for case in STANDING])
def test_gdpr_extension_while_the_clock_stands(events: tuple[Event, ...], due: str, why: str) -> None:
    found = gdpr("2026-11-02", *events)
    assert (found.extended, found.due_on) == (True, date.fromisoformat(due)), why


NOT_STANDING = [
    ((asked("2026-11-04", "other"), extended("2026-12-10")), "the clock runs on"),
    ((asked("2026-12-03"), extended("2026-12-10")), "asked after the end"),
    ((asked("2026-11-04"), answered("2026-11-14"), extended("2026-12-15")), "answered, and what was left is over"),
]


@pytest.mark.parametrize(("events", "why"), NOT_STANDING, ids=[case[1] for case in NOT_STANDING])
def test_gdpr_extension_too_late_though_somebody_asked(events: tuple[Event, ...], why: str) -> None:
    found = gdpr("2026-11-02", *events)
    assert "extended_too_late" in [line.code for line in found.lines], why
    assert not found.extended


def test_gdpr_a_second_question_while_the_clock_stands_is_not_too_late() -> None:
    found = gdpr("2026-11-02", asked("2026-11-04"), asked("2026-12-10"), answered("2026-12-14"))
    assert found.due_on == date(2027, 1, 11), "2 December and 40 days"
    assert "asked_too_late" not in [line.code for line in found.lines]


def test_events_are_taken_in_the_order_of_time() -> None:
    one, two = asked("2026-11-04"), answered("2026-11-14")
    assert gdpr("2026-11-02", two, one).due_on == gdpr("2026-11-02", one, two).due_on


CONFIRM = [
    ("2026-11-16", "2026-12-02", "Thanksgiving and the day after are holidays in California"),
    ("2026-06-01", "2026-06-15", "two plain weeks"),
    ("2026-12-21", "2027-01-06", "Christmas and New Year"),
    ("2026-06-06", "2026-06-22", "received on a Saturday; 19 June is Juneteenth"),
]


@pytest.mark.parametrize(("received", "until", "why"), CONFIRM, ids=[case[2] for case in CONFIRM])
def test_cpra_confirms_in_ten_business_days(received: str, until: str, why: str) -> None:
    assert cpra(received).confirm_by == date.fromisoformat(until), why


def test_gdpr_asks_for_no_confirmation() -> None:
    assert gdpr("2026-11-16").confirm_by is None


def test_cpra_answers_in_45_calendar_days_also_at_a_weekend() -> None:
    assert cpra("2026-11-16").due_on == date(2026, 12, 31)
    assert cpra("2026-11-11").due_on == date(2026, 12, 26), "a Saturday: the shorter reading"


def test_cpra_extension_gives_45_days_more_if_told_within_the_first() -> None:
    assert cpra("2026-11-16", extended("2026-12-31", PACIFIC)).due_on == date(2027, 2, 14)
    assert cpra("2026-11-16", extended("2027-01-02", PACIFIC)).due_on == date(2026, 12, 31)


def test_cpra_clock_runs_on_while_identity_is_checked() -> None:
    assert cpra("2026-11-16", asked("2026-11-17"), answered("2026-12-10")).due_on == date(2026, 12, 31)


@pytest.mark.parametrize("kind", ["object", "restrict"])
def test_cpra_opt_out_in_15_business_days_and_without_extension(kind: str) -> None:
    found = cpra("2026-11-16", kind=kind)
    assert (found.due_on, found.extendable_until) == (date(2026, 12, 9), None)
    assert cpra("2026-11-16", extended("2026-11-20", PACIFIC), kind=kind).due_on == date(2026, 12, 9)


def test_add_months_over_years() -> None:
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2027, 12, 31), 2) == date(2028, 2, 29)


def test_law_of_a_country() -> None:
    assert law_for("US-CA").code == "cpra"
    assert {law_for(country).code for country in ("DE", "IE", "CH", "US", None)} == {"gdpr"}
    assert law("gone") is law_for("DE")


@pytest.mark.parametrize("kind", sorted(book.TYPES))
@pytest.mark.parametrize("code", sorted(LAWS))
def test_every_law_has_a_ground_for_every_type(code: str, kind: str) -> None:
    assert law(code).grounds_for(kind)


BROKEN = {
    "no period": ('unit = "months"', 'unit = "moons"'),
    "no amount": ("amount = 1", "amount = 0"),
    "a truth for a number": ("amount = 1", "amount = true"),
    "no German": ('de = "DSGVO (Europäische Union)"', 'de = " "'),
    "an unknown type": ('types = ["review"]', 'types = ["revue"]'),
    "a code twice": ('code = "archive"', 'code = "expression"'),
    "a word of its own": ("default = true", "default = true\nhurry = 1"),
    "no TOML": ("[name]", "[name"),
}


@pytest.mark.parametrize("what", sorted(BROKEN))
def test_a_broken_law_is_refused_with_the_file_named(tmp_path: Path, what: str) -> None:
    text = (book.DATA / "gdpr.toml").read_text(encoding="utf-8")
    old, new = BROKEN[what]
    assert old in text
    (tmp_path / "gdpr.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LawError, match=r"^gdpr\.toml: "):
        book.read_all(tmp_path)


def test_laws_must_name_one_default_and_no_country_twice(tmp_path: Path) -> None:
    gdpr_text = (book.DATA / "gdpr.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(gdpr_text.replace("default = true", "default = false"), encoding="utf-8")
    with pytest.raises(LawError, match="default"):
        book.read_all(tmp_path)
    (tmp_path / "b.toml").write_text(gdpr_text, encoding="utf-8")
    with pytest.raises(LawError, match="same code"):
        book.read_all(tmp_path)


def test_periods_name_their_article() -> None:
    assert law("gdpr").answer == Period(1, Unit.MONTHS, "GDPR 12(3)")
