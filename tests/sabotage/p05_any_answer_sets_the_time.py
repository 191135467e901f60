from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="An answer to another question sets the time",
    changes=(
        Edit(
            "collector/timekeeping.py",
            old="(told.device, told.nonce) != (self._device, question.nonce)",
            new="told.device != self._device",
        ),
    ),
    red=("tests/collector/test_time.py::test_P05_what_was_signed_before_does_not_turn_time_back",),
)
