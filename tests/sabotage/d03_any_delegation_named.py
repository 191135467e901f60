from tests.sabotage.framework import Edit, Sabotage

ASKING = "migrations/versions/20261129_0110_asking.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="An injected setting names another delegation, or none, and the rows stay",
    changes=(Edit(ASKING, old=" AND state <> 'draft' AND type = ANY ((SELECT delegated_types())::text[])", new=""),),
    red=("tests/requests/test_delegates.py::test_D03_an_injected_setting_shows_no_row",),
)
