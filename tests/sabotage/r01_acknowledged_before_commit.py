from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="Uploads are acknowledged before they are stored",
    changes=(
        Edit(
            "gateway/admission.py",
            old="await rows.write(connection, [(one, reason, facts.zone(one)) for one, reason in listed], now)",
            new="{one.key for one, _ in listed}",
        ),
    ),
    red=("tests/gateway/test_uploads.py::test_R01_what_was_acknowledged_before_a_kill_is_there",),
)
