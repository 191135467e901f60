from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A device that stopped for a pause days ago is said not to have stopped",
    changes=(
        Edit(
            "portal/agents/queries.py",
            old='"asked": [ask.asked_at - ALLOWANCE for ask in asks],',
            new='"asked": [max(ask.asked_at, datetime.now(ask.asked_at.tzinfo) - 86400 * ALLOWANCE) for ask in asks],',
        ),
    ),
    red=("tests/home/test_steps.py::test_P06_a_device_that_stopped_days_ago_has_stopped",),
)
