from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C03",
    breaks="A key store that hangs holds the vault",
    changes=(Edit("vault/kms/transit.py", old="timeout=self._timeout_s", new="timeout=60"),),
    red=("tests/vault/test_kms.py::test_C03_one_that_hangs_is_given_up",),
)
