from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What a hold keeps of a deletion stays hidden from its own person",
    changes=(
        Edit(
            "portal/deletion/jobs.py",
            old="        erasure.held = store.hide(session, store.hidden_by(erasure), None)\n",
            new="        erasure.held = 0\n",
        ),
    ),
    red=("tests/deletion/test_delete_meanwhile.py::test_R03_what_a_hold_set_meanwhile_keeps_is_seen_again",),
)
