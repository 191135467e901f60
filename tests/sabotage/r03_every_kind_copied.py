from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A copy of some kinds holds every kind of other stores",
    changes=(
        Edit(
            "portal/exports/external.py",
            old="Narrowing(wanted.starts, wanted.ends, meant(wanted.kinds, place.dataset.kinds))",
            new="Narrowing(wanted.starts, wanted.ends)",
        ),
    ),
    red=(
        "tests/exports/test_external.py::test_R03_a_kind_is_a_kind_there_too",
        "tests/exports/test_external.py::test_R03_a_store_that_cannot_tell_kinds_gives_nothing_rather_than_everything",
    ),
)
