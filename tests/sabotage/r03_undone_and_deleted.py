from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What an undo brought back is deleted by another deletion",
    changes=(
        Edit(
            "portal/deletion/actions.py",
            old="for other in still_open if other is not erasure)",
            new="for other in still_open if other is None)",
        ),
    ),
    red=(
        "tests/deletion/test_delete_meanwhile.py::test_R03_what_another_deletion_covers_stays_hidden_when_one_is_undone",
    ),
)
