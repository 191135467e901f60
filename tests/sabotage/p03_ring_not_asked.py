from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="People outside the ring get the new policy",
    changes=(
        Edit(
            "portal/policies/rules.py",
            old="person is not None and place(entry.hash, person) < entry.reached * PLACES // ALL",
            new="person is not None",
        ),
    ),
    red=(
        "tests/rollouts/test_rules.py::test_P03_outside_the_ring_the_policy_before_holds",
        "tests/rollouts/test_thread.py::test_P03_devices_obey_what_has_reached_their_person",
    ),
)
