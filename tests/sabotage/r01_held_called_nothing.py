from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="Who deletes by themselves is told that nothing is there, while a hold keeps it",
    changes=(
        Edit(
            "portal/deletion/actions.py",
            old="    return session.scalar(kept) or 0\n",
            new="    return (session.scalar(kept) or 0) * 0\n",
        ),
    ),
    red=("tests/deletion/test_delete_kept.py::test_R01_the_only_item_under_a_hold_is_not_called_nothing",),
)
