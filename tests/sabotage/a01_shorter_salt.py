from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="The salt of another scheme is taken",
    changes=(
        Edit(
            "wire/blind.py",
            old="    return bytes(masked) + digest + bytes([TRAILER])",
            new="    return bytes(masked) + digest + bytes([TRAILER ^ 1])",
        ),
    ),
    red=("tests/wire/test_blind.py::test_A01_the_vectors_of_the_rfc",),
)
