from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A step whose worker was killed is never taken up again",
    changes=(
        Edit(
            "portal/deletion/claims.py",
            old="    unclaimed = or_(rows.claimed_until.is_(None), rows.claimed_until <= now)\n",
            new="    unclaimed = or_(rows.claimed_until.is_(None))\n",
        ),
    ),
    red=("tests/deletion/test_crashes.py::test_R03_the_end_is_the_same_from_every_crash_point[claimed-process]",),
)
