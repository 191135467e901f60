from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Any text that a device sends becomes a line of the statistics",
    changes=(
        Edit(
            "portal/releases/measuring.py",
            old="WHEN item = ANY (:names) THEN item",
            new="WHEN true THEN item",
        ),
        Edit("portal/releases/measuring.py", old="            if item in names:\n", new="            if item:\n"),
    ),
    red=(
        "tests/releases/test_rare.py::test_A04_mismatches_of_a_week_and_incidents_of_a_month_are_counted_and_protected",
    ),
)
