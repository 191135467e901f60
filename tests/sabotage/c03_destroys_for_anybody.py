from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C03",
    breaks="The vault rotates for every step, whether it deleted keys or not",
    changes=(
        Edit(
            "vault/rotation.py",
            old='        if row is None:\n            raise BadRequestError("No running step has deleted keys.")\n'
            '        if row["key_epoch"] is None:\n            return\n'
            '        if self._kms.current().number <= row["key_epoch"]:\n            self._kms.rotate()\n',
            new="        self._kms.rotate()\n",
        ),
    ),
    red=("tests/vault/test_rotation.py::test_C03_only_a_running_step_has_epochs_destroyed",),
)
