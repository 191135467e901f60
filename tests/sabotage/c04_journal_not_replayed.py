from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C04",
    breaks="After a restore nothing is erased again",
    changes=(
        Edit(
            "portal/deletion/restoring.py",
            old="    lost = [one for one in burying.read(journal) if one.id not in known]\n",
            new="    lost = [one for one in burying.read(journal) if one.id in known]\n",
        ),
    ),
    red=("tests/deletion/test_restore.py::test_C04_restore_check_erases_again_and_lets_serve",),
)
