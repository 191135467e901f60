from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S02",
    breaks="Shared secrets and no signature count as signatures",
    changes=(
        Edit(
            "portal/core/signatures.py",
            old='    "RS256": (RSAKey, _NONE),',
            new='    "RS256": (RSAKey, _NONE), "HS256": (RSAKey, _NONE), "none": (RSAKey, _NONE),',
        ),
    ),
    red=(
        "tests/identity/test_id_token.py::test_S02_no_signature_or_a_shared_one_is_refused_though_the_provider_lists_it",
    ),
)
