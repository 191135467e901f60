from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A device that obeys a policy does not ask again for its signatures when a quorum or a council comes",
    changes=(
        Edit(
            "collector/permission.py",
            old="            self.obeyed.leave()\n",
            new="            self.obeyed.hash = None\n",
        ),
    ),
    red=("tests/collector/test_councils.py::test_P03_a_raised_quorum_reaches_who_obeys_the_policy_already",),
)
