from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Who signs while the petition is being rejected gets an error instead of an answer",
    changes=(
        Edit(
            "portal/petitions/actions.py",
            old="        if not isinstance(error.orig, ObjectNotInPrerequisiteState):",
            new="        if error:",
        ),
    ),
    red=("tests/petitions/test_turns.py::test_A01_who_signs_while_it_is_being_rejected_is_told_that_it_has_ended",),
)
