from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_external.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="The addresses of a person go although a store has refused for want of a column",
    changes=(
        Edit(
            "portal/deletion/external.py",
            old="    return claimed.chosen.whole_person and mendable and",
            new="    return not claimed.chosen.whole_person and mendable and",
        ),
    ),
    red=(f"{FILE}::test_R03_a_whole_person_is_not_forgotten_while_a_store_refuses_what_can_be_mended",),
)
