from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A lease permits captures from before and after it",
    changes=(
        Edit(
            "portal/capture/rules.py",
            old="if not lease.started <= header.start <= header.end <= lease.until:",
            new="if lease.started > lease.until:",
        ),
    ),
    red=(
        "tests/gateway/test_admission.py::test_P06_an_old_lease_is_refused",
        "tests/gateway/test_admission.py::test_P06_a_false_time_is_refused",
    ),
)
