from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What was approved with conditions is told as rejected",
    changes=(
        Edit(
            "templates/deciding/_parts.html",
            old="'conditions': _('It was approved with conditions, so it does not come into force as it stood.')",
            new="'conditions': _('It was rejected.')",
        ),
    ),
    red=("tests/deciding/test_deciding.py::test_P03_approved_with_conditions_is_no_rejection_and_no_approval",),
)
