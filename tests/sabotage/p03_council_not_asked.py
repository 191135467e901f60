from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A wider policy needs no signature of the council",
    changes=(
        Edit(
            "wire/policy.py",
            old="if widens(current, policy) and not signed_by_council:",
            new="if current is None and not signed_by_council:",
        ),
    ),
    red=(
        "tests/wire/test_accept.py::test_P03_wider_needs_the_council",
        "tests/wire/test_accept.py::test_P03_small_steps_do_not_widen_in_the_end",
    ),
)
