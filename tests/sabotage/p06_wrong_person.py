from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A device may upload for somebody else",
    changes=(Edit("portal/capture/rules.py", old="        return Refusal.WRONG_PERSON\n", new="        pass\n"),),
    red=(
        "tests/capture/test_rules.py::test_P06_each_lie_in_a_header_has_its_refusal",
        "tests/gateway/test_admission.py::test_P06_a_lie_in_the_header_is_refused",
    ),
)
