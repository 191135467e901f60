from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Kinds and contexts that the policy does not name are stored",
    changes=(
        Edit(
            "portal/capture/rules.py",
            old="    if not inside:\n        return Refusal.NOT_IN_POLICY\n    return None if",
            new="    if inside or policy:\n        return None\n    return None if",
        ),
    ),
    red=(
        "tests/capture/test_rules.py::test_P06_each_lie_in_a_header_has_its_refusal",
        "tests/gateway/test_admission.py::test_P06_a_lie_in_the_header_is_refused",
    ),
)
