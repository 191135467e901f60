from tests.sabotage.framework import Edit, Sabotage

ASKING = "migrations/versions/20261129_0110_asking.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="Who acts for somebody acts for everybody for whom that one acts",
    changes=(Edit(ASKING, old=" OR until LIKE '0%'", new=""),),
    red=("tests/requests/test_delegates.py::test_D03_a_delegate_of_a_delegate_is_none",),
)
