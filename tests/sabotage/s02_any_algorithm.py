from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="A signature counts by an algorithm that is none of ours",
    changes=(
        Edit(
            "portal/core/signatures.py",
            old='    "RS256": (RSAKey, _NONE),',
            new='    "RS256": (RSAKey, _NONE), "ES256K": (ECKey, frozenset({"secp256k1"})),',
        ),
    ),
    red=("tests/vault/test_tokens.py::test_S02_a_forged_token_is_refused",),
)
