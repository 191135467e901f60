from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A key is taken under any id it is listed with",
    changes=(
        Edit(
            "wire/dsse.py",
            old='if public is None or key_id(public) != entry["keyid"] or not is_public_key(public):',
            new="if public is None or not is_public_key(public):",
        ),
    ),
    red=("tests/wire/test_envelopes.py::test_P01_a_key_listed_under_the_id_of_another",),
)
