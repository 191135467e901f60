from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A hold on one kind keeps all kinds in other stores",
    changes=(Edit("portal/deletion/work.py", old="_kinds(hold) if tells else None", new="None"),),
    red=(
        "tests/deletion/test_external.py::test_R03_a_hold_on_some_kinds_keeps_only_those_where_the_store_tells_kinds",
    ),
)
