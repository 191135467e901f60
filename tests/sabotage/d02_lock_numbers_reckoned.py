from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="The number of a person's lock is reckoned from the person's id",
    changes=(
        Edit(
            "migrations/versions/20261201_1920_turns.py",
            old="('x' || left(actor_mac(p_what), 16))::bit(64)::bigint",
            new="hashtextextended(split_part(p_what, '|', 2), 0)",
        ),
    ),
    red=("tests/db/test_locks.py::test_D02_the_number_of_a_persons_lock_cannot_be_reckoned",),
)
