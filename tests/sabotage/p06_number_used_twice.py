from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A sequence number is taken again",
    changes=(
        Edit("portal/capture/rules.py", old="(Refusal.SEQUENCE_USED if facts.sequence_used else None)", new="None"),
    ),
    red=("tests/capture/test_rules.py::test_P06_each_missing_permission_has_its_refusal",),
)
