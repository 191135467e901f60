from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L03",
    breaks="Nothing keeps two sequencers apart",
    changes=(
        Edit(
            "portal/audit/sequencing.py",
            old="if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(LOCK)))):",
            new="if not LOCK:",
        ),
    ),
    red=("tests/audit/test_sequencing.py::test_L03_two_sequencers_and_eight_writers",),
)
