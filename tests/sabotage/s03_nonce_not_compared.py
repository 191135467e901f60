from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S03",
    breaks="The nonce is not compared",
    changes=(
        Edit(
            "portal/identity/rules.py",
            old='    refuse("nonce", unless=claims.get("nonce") == nonce)\n',
            new="",
        ),
    ),
    red=(
        "tests/identity/test_id_token.py::test_S03_every_claim_counts[nonce missing]",
        "tests/identity/test_id_token.py::test_S03_every_claim_counts[nonce other]",
    ),
)
