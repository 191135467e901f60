from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A rollout that is halted goes on",
    changes=(
        Edit(
            "portal/policies/rollouts/actions.py",
            old="    if row.state is RolloutState.HALTED:\n        return Hold.HALTED\n",
            new="",
        ),
        Edit(
            "migrations/versions/20261129_1500_rollouts.py",
            old=" OR (NEW.ring > OLD.ring AND OLD.state <> 'running')",
            new="",
        ),
    ),
    red=(
        "tests/rollouts/test_pages.py::test_P03_halted_it_goes_no_further",
        "tests/rollouts/test_pages.py::test_P03_the_database_does_not_move_a_halted_one",
    ),
)
