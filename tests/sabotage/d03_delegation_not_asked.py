from tests.sabotage.framework import Edit, Sabotage

ASKING = "migrations/versions/20261129_0110_asking.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="Whoever names a delegation acts for its person, also when it has ended or is another's",
    changes=(
        Edit(ASKING, old="live.delegate_id IS DISTINCT FROM actor_id() OR until LIKE '0%'", new="until LIKE '0%'"),
    ),
    red=("tests/requests/test_delegates.py::test_D03_nobody_acts_without_being_named",),
)
