"""Items are judged by the time zone of now, not by that of their admission."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Whoever travels gets a red day, or a green one, for where they are now",
    changes=(
        Edit(
            "portal/reconciliation/checking.py", old="            zone=zone,", new="            zone=self._over.zone,"
        ),
    ),
    red=(
        "tests/reconciliation/test_zones.py::test_P06_an_item_inside_the_hours_stays_so_wherever_the_person_goes",
        "tests/reconciliation/test_zones.py::test_P06_an_item_outside_the_hours_of_then_is_red",
    ),
)
