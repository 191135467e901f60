from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The works council is told since when the oldest mismatch waits, whomever it points at",
    changes=(
        Edit(
            "portal/reconciliation/settling/rules.py",
            old="sorted(first.values())[least - 1]",
            new="min(first.values())",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_A04_the_council_is_told_no_small_number",),
)
