from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="Any signature is good enough",
    changes=(
        Edit(
            "verify_receipt.py",
            old='    require(same(times(s, BASE), add(nonce, times(k, key))), f"{what}: the signature is wrong")\n',
            new="    require(k, what)\n",
        ),
    ),
    red=("tests/deletion/test_receipts.py::test_L04_its_ed25519_agrees_with_the_librarys",),
)
