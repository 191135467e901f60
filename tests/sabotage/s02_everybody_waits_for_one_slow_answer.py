from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="While one asks the provider, everybody else waits",
    changes=(
        Edit(
            "portal/core/kept.py",
            old="acquire(blocking=not serves)",
            new="acquire(blocking=True)",
        ),
    ),
    red=("tests/core/test_kept.py::test_S02_nobody_waits_for_another_s_slow_answer_while_something_is_known",),
)
