from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The signing file compares with a policy that the officer alone has signed",
    changes=(
        Edit(
            "portal/signing/bundle.py",
            old="if not any(keys & trust.keys_of(Signer.COUNCIL).keys() for _, keys in behind):",
            new="if not behind:",
        ),
    ),
    red=("tests/signing/test_signing.py::test_P03_what_is_not_as_it_says_is_not_signed",),
)
