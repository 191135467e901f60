from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="A file without a checkpoint passes for one that agrees",
    changes=(Edit("verify_receipt.py", old='    require(notes, f"{path} holds no checkpoint")\n', new=""),),
    red=("tests/deletion/test_receipts.py::test_L04_a_file_without_a_checkpoint_assures_nobody",),
)
