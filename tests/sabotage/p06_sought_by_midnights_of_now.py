"""Pauses, stops and leases of a day are sought between the midnights of where the person is now."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What was stored inside a pause passes the check of somebody who travelled since",
    changes=(
        Edit(
            "portal/reconciliation/queries.py",
            old="return Span(person, day, zone, *day_bounds(day), opens, opens + ONE_DAY)",
            new="return Span(person, day, zone, *local_midnights(day, ZoneInfo(zone)), opens, opens + ONE_DAY)",
        ),
        Edit(
            "portal/reconciliation/queries.py",
            old="from portal.capture.models import EmployeeDay",
            new="from zoneinfo import ZoneInfo\nfrom portal.capture.day import local_midnights\n"
            "from portal.capture.models import EmployeeDay",
        ),
    ),
    red=(
        "tests/reconciliation/test_zones.py::test_P06_an_item_inside_a_pause_is_red_wherever_the_person_is_now",
        "tests/reconciliation/test_zones.py::test_P06_an_item_inside_a_stop_is_red_wherever_the_person_is_now",
    ),
)
