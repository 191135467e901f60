from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C04",
    breaks="A person's key is deleted, and the epoch that wraps it in every backup lives on",
    changes=(
        Edit(
            "vault/rotation.py",
            old='        if self._kms.current().number <= row["key_epoch"]:\n            self._kms.rotate()\n',
            new="",
        ),
    ),
    red=("tests/deletion/test_restore.py::test_C04_the_key_in_an_older_backup_opens_nothing",),
)
