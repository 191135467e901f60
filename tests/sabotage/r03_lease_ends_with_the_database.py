from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="One beat without a database, and nobody renews the lease of a step that is still at work",
    changes=(
        Edit(
            "portal/deletion/external.py",
            old='                    log.warning("lease.database_unavailable")\n',
            new="                    return\n",
        ),
    ),
    red=("tests/deletion/test_external.py::test_R03_the_lease_of_a_step_outlives_its_database",),
)
