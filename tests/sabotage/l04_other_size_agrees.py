from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="A checkpoint of another size passes for one that agrees",
    changes=(Edit("verify_receipt.py", old="    return 0 if compared else NOT_COMPARED\n", new="    return 0\n"),),
    red=("tests/deletion/test_receipts.py::test_L04_a_checkpoint_kept_elsewhere_must_agree",),
)
