from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A policy is obeyed after its end",
    changes=(
        Edit(
            "wire/policy.py",
            old="if not policy.not_before <= now < policy.expires:",
            new="if not policy.not_before <= now:",
        ),
    ),
    red=("tests/wire/test_accept.py::test_P02_expired_or_frozen",),
)
