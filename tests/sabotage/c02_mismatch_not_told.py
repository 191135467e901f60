from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C02",
    breaks="The vault says nothing of a label that lies",
    changes=(
        Edit(
            "vault/opening.py",
            old="lies = content.differences(opened, len(packed), header)",
            new="lies = content.differences(opened, len(packed), header)[:0]",
        ),
    ),
    red=(
        "tests/vault/test_opening.py::test_C02_a_label_that_lies_is_found_on_opening",
        "tests/vault/test_opening.py::test_C02_keys_sealed_as_window_are_found_on_opening",
    ),
)
