from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="After the signed stop a capture can be back-dated",
    changes=(Edit("portal/capture/rules.py", old="return Refusal.AFTER_STOP if late else None", new="return None"),),
    red=(
        "tests/capture/test_rules.py::test_P06_a_number_after_the_stop_cannot_claim_a_time_before_the_resume",
        "tests/gateway/test_admission.py::test_P06_after_the_signed_stop_nothing_can_be_back_dated",
    ),
)
