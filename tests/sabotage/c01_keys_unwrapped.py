from tests.sabotage.framework import Edit, Sabotage

WRAPPED = '"wrapped": wrapped.ciphertext,'

SABOTAGE = Sabotage(
    requirement="C01",
    breaks="The vault stores the private key beside its wrapping",
    changes=(
        Edit("vault/keys.py", old=WRAPPED, new='"wrapped": wrapped.ciphertext + pair.private_bytes_raw(),'),
        Edit(
            "vault/keys.py",
            old='Wrapped(row["kms_epoch"], row["wrapped_private"])',
            new='Wrapped(row["kms_epoch"], row["wrapped_private"][:-32])',
        ),
    ),
    red=("tests/e2e/test_canary.py::test_C01_no_usable_key_anywhere",),
)
