from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A receipt gives as deleted what the store said, though it can still be read there",
    changes=(
        Edit(
            "portal/deletion/external.py",
            old="            deleted=moving.surely(claimed, resume.rows, remaining or 0),",
            new="            deleted=resume.rows,",
        ),
    ),
    red=("tests/deletion/test_external.py::test_R03_a_store_that_lies_about_success_is_found_out",),
)
