from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Without second credentials an erasure is read back by the connection that erased",
    changes=(
        Edit(
            "portal/sources/connections.py",
            old="raise RefusedError(Reason.NO_READ_BACK, readback_name(source.name))",
            new="return self.open(source)",
        ),
    ),
    red=("tests/sources/test_stores.py::test_R03_an_erasure_that_could_not_be_proved_is_not_begun",),
)
