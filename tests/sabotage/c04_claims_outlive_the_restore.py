from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C04",
    breaks="A restore's check that was killed leaves steps in the hands of a process that is no more",
    changes=(
        Edit(
            "portal/deletion/restoring.py",
            old="    claims.drop(session, clock.now())\n",
            new="",
        ),
    ),
    red=tuple(
        "tests/deletion/test_restore_crashes.py::"
        f"test_C04_a_check_that_was_killed_at_each_of_its_commits_ends_the_same_when_it_is_repeated[{place}]"
        for place in (5, 8)
    ),
)
