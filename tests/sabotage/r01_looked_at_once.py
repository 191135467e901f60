"""A day is not looked at once more when nothing of it can come any more."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="What escaped the first check of a day is never found",
    changes=(
        Edit("portal/reconciliation/jobs.py", old="again = settled if now < settled else None", new="again = None"),
    ),
    red=("tests/reconciliation/test_again.py::test_R01_each_day_is_looked_at_once_more",),
)
