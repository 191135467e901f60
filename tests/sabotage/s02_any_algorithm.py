from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="The vault takes a token in whatever algorithm it names",
    changes=(
        Edit(
            "vault/tokens.py",
            old='{"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}',
            new='{"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey, "RS512": RSAKey}',
        ),
    ),
    red=("tests/vault/test_tokens.py::test_S02_a_forged_token_is_refused",),
)
