from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Content sealed to a swapped key is stored",
    changes=(
        Edit(
            "portal/capture/rules.py", old="    if header.key != lease.key:\n        return Refusal.WRONG_KEY\n", new=""
        ),
    ),
    red=("tests/gateway/test_admission.py::test_P06_a_swapped_key_document_is_refused",),
)
