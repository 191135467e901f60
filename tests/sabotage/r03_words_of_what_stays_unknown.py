from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A kind that HR lets stay is deleted where the store has a word of its own for it",
    changes=(
        Edit(
            "portal/deletion/planning.py",
            old="    return frozenset(self.words.get(kind, kind) for kind in kinds)",
            new="    return frozenset(kinds)",
        ),
    ),
    red=("tests/deletion/test_parts_that_stay.py::test_R03_a_kind_that_stays_is_kept_by_the_stores_own_word",),
)
