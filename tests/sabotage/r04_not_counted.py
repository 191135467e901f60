from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="The vault does not count while it inflates",
    changes=(
        Edit(
            "vault/opening.py",
            old='                if size > limit:\n                    raise InflateError("too much inside")\n',
            new="",
        ),
    ),
    red=(
        "tests/vault/test_opening.py::test_R04_exactly_8_mib_is_let_through",
        "tests/vault/test_opening.py::test_R04_a_bomb_is_cut_off_at_8_mib",
    ),
)
