from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What is frozen is deleted when the policy keeps it no longer",
    changes=(
        Edit(
            "portal/deletion/retention.py",
            old="[*conditions, ~self._spared]",
            new="conditions",
        ),
    ),
    red=(
        "tests/requests/test_freezes.py::test_R03_what_is_frozen_is_not_deleted_by_itself_until_the_freeze_is_lifted",
    ),
)
