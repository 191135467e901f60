from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="Shared secrets and no signature count as signatures",
    changes=(
        Edit(
            "portal/identity/rules.py",
            old='ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")',
            new='ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "HS256", "none")',
        ),
    ),
    red=(
        "tests/identity/test_id_token.py::test_S02_no_signature_or_a_shared_one_is_refused_though_the_provider_lists_it",
    ),
)
