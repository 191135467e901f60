from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="The council's or a vault's key may stand in for the officer's",
    changes=(
        Edit("wire/policy.py", old="if not signers & trust.keys_of(Signer.OFFICER).keys():", new="if not signers:"),
    ),
    red=("tests/wire/test_accept.py::test_P01_policy_signed_by_those_who_may_not",),
)
