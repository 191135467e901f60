from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R05",
    breaks="What was missed while not listening stays unknown",
    changes=(
        Edit(
            "gateway/listener.py",
            old="            self._hub.refresh_soon(self._hub)\n            self._listening",
            new="            self._listening",
        ),
    ),
    red=("tests/gateway/test_outages.py::test_R05_what_was_missed_while_not_listening_is_read_anew",),
)
