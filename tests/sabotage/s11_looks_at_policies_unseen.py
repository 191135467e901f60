from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="Nobody writes down who looked at a policy in the evidence room",
    changes=(Edit("portal/council/policies.py", old="    looking.note(What.POLICY, row.id)\n", new=""),),
    red=("tests/council/test_policies.py::test_S11_looks_at_policies_experts_groups_and_looks_are_written_down",),
)
