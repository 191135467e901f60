from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C03",
    breaks="A wrapped key opens in another person's row",
    changes=(
        Edit("vault/kms/files.py", old=".encrypt(nonce, secret, context)", new=".encrypt(nonce, secret, None)"),
        Edit("vault/kms/files.py", old=".decrypt(nonce, ciphertext, context)", new=".decrypt(nonce, ciphertext, None)"),
    ),
    red=(
        "tests/vault/test_kms.py::test_C03_what_is_wrapped_unwraps_in_its_context_only",
        "tests/vault/test_rotation.py::test_C03_a_private_key_moved_to_another_persons_row_does_not_unwrap",
    ),
)
