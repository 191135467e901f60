"""The daily check believes a tally whoever signed it."""

from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R01",
    breaks="A forged tally passes the daily check",
    changes=(
        Edit(
            "portal/reconciliation/checking.py",
            old="told, _ = documents.open_signed(Tally, rows[0].envelope.encode(), keys)",
            new="told = documents.read(Tally, dsse.payload_of(rows[0].envelope.encode())) if keys else None",
        ),
        Edit(
            "portal/reconciliation/checking.py",
            old="return told if told.device == device.id else None",
            new="return told",
        ),
    ),
    red=(
        "tests/reconciliation/test_check.py::test_R01_a_forged_tally_is_red",
        "tests/reconciliation/test_check.py::test_R01_the_tally_of_another_device_is_red",
    ),
)
