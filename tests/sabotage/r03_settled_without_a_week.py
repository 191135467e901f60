from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_contested.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What HR says of an address deletes rows before anybody can object",
    changes=(
        Edit(
            "portal/sources/queries.py",
            old="AddressSpan.settled_at <= now - OBJECTIONS",
            new="AddressSpan.settled_at <= now",
        ),
    ),
    red=(f"{FILE}::test_R03_what_hr_says_counts_only_after_the_week_for_objections",),
)
