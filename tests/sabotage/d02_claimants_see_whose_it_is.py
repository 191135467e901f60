from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="HR's people see in their queue whose the item is that they claim",
    changes=(
        Edit(
            "migrations/versions/20261130_1830_hands.py",
            old="""f"{OTHERS} AND NOT (started_by = 'bystander' AND started_by_id = (SELECT actor_id()))\"""",
            new="OTHERS",
        ),
    ),
    red=(
        "tests/bystanders/test_desk.py::test_D02_the_desk_tells_who_claims_nothing_of_whose_the_item_is",
        "tests/bystanders/test_desk.py::test_D02_the_numbers_above_the_queue_leave_out_what_the_reader_claims",
    ),
)
