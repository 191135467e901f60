from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="The proof of one receipt proves any other",
    changes=(
        Edit(
            "verify_receipt.py",
            old='    require(detail.get("receipt") == digest, "the log\'s entry is about another receipt")\n',
            new='    require(detail and digest, "")\n',
        ),
    ),
    red=("tests/deletion/test_receipts.py::test_L04_the_proof_of_one_receipt_proves_no_other",),
)
