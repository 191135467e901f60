from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="The proof may lead anywhere",
    changes=(Edit("verify_receipt.py", old="size, value, path) == root,", new="size, value, path),"),),
    red=("tests/deletion/test_receipts.py::test_L04_a_forged_receipt_is_refused",),
)
