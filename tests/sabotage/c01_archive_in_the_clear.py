from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C01",
    breaks="The pieces of an archive lie in the database unencrypted",
    changes=(
        Edit(
            "vault/exports/sealing.py",
            old="return nonce + self._cipher.encrypt(nonce, data, self._place(file, part))",
            new="return nonce + data",
        ),
    ),
    red=("tests/vault/test_exports.py::test_C01_nothing_captured_lies_open_in_the_tables",),
)
