from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A policy is obeyed before its beginning",
    changes=(
        Edit(
            "wire/policy.py",
            old="if not policy.not_before <= now < policy.expires:",
            new="if not now < policy.expires:",
        ),
    ),
    red=("tests/wire/test_accept.py::test_P02_not_yet",),
)
