from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="During a pause leases still permit capture",
    changes=(
        Edit(
            "portal/pauses/rules.py",
            old="if not any(hits(span, kind, name, device) for span in now)",
            new="if now or not any(hits(span, kind, name, device) for span in now)",
        ),
    ),
    red=(
        "tests/pauses/test_rules.py::test_P06_what_is_left_is_exactly_what_no_pause_holds",
        "tests/gateway/test_thread.py::test_P06_an_honest_device_from_lease_to_pause_and_back",
    ),
)
