from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="An answer that comes byte by byte is waited for without end",
    changes=(
        Edit(
            "portal/core/asking.py",
            old="left = self._until - time.monotonic()",
            new="left = WITHIN_S",
        ),
    ),
    red=("tests/core/test_asking.py::test_S02_an_answer_that_drips_ends_at_the_deadline",),
)
