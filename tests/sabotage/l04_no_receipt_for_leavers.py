from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="Nobody can fetch the receipt of a whole person's erasure",
    changes=(Edit("portal/hr/receipts.py", old="case.who.left_at is None", new='case.who.name == ""'),),
    red=("tests/deletion/test_receipts_of_leavers.py::test_L04_hr_hands_over_the_receipt_of_who_was_erased",),
)
