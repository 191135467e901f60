from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S07",
    breaks="Somebody in both groups gets both roles",
    changes=(
        Edit(
            "portal/identity/rules.py",
            old="return (roles - both, True) if both <= roles else (roles, False)",
            new="return (roles, False)",
        ),
    ),
    red=("tests/identity/test_roles.py::test_S07_both_hr_and_works_council_give_neither",),
)
