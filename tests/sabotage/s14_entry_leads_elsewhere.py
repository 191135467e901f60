from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S14",
    breaks="An entry of the directory may lead to another account",
    changes=(
        Edit(
            "portal/directory/storage.py",
            old="            raise MutabilityException(detail=SAME)",
            new="            pass",
        ),
    ),
    red=("tests/directory/test_door.py::test_S14_an_entry_never_leads_to_another_account",),
)
