from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="A checkpoint of another size passes for one that agrees",
    changes=(
        Edit(
            "verify_receipt.py",
            old="return NOT_COMPARED if told.key else OWN_KEY",
            new="return 0 if told.key else OWN_KEY",
        ),
    ),
    red=("tests/deletion/test_receipts.py::test_L04_a_checkpoint_kept_elsewhere_must_agree",),
)
