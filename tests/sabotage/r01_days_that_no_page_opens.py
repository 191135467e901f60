"""The check looks for items on the day that they name alone."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="An item that no page shows, since it names a day far from its time, is never found",
    changes=(
        Edit(
            "portal/reconciliation/queries.py",
            old="or_(Segment.local_day == over.day, and_(began, ~of_its_day()))",
            new="or_(Segment.local_day == over.day, and_(began, False))",
        ),
    ),
    red=(
        "tests/reconciliation/test_zones.py::test_R01_an_item_that_lies_on_a_day_on_which_no_page_looks_for_it_is_red",
    ),
)
