from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C03",
    breaks="Rotation leaves the old epoch in place, and an older dump opens",
    changes=(Edit("vault/rotation.py", old="            self._kms.destroy_before(epoch)\n", new=""),),
    red=(
        "tests/vault/test_rotation.py::test_C03_rotation_wraps_anew_and_destroys_the_old_epoch",
        "tests/vault/test_rotation.py::test_C03_a_row_from_an_older_dump_opens_no_more",
    ),
)
