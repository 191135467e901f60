from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="A key under which anybody can sign is trusted",
    changes=(
        Edit(
            "wire/dsse.py",
            old="len(raw) == PUBLIC_KEY_BYTES and height % _FIELD not in _SMALL_ORDER",
            new="len(raw) == PUBLIC_KEY_BYTES and height >= 0",
        ),
    ),
    red=("tests/wire/test_envelopes.py::test_P01_a_key_under_which_anybody_can_sign",),
)
