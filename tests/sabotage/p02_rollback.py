from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="An older policy is taken",
    changes=(
        Edit("wire/policy.py", old="policy.version <= current.version and policy != current", new="policy.version < 0"),
    ),
    red=(
        "tests/wire/test_accept.py::test_P02_rollback",
        "tests/wire/test_accept.py::test_P02_two_policies_of_one_version",
    ),
)
