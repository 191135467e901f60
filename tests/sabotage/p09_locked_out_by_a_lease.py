from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="Requests are signed by the leases' time whatever the gateway says",
    changes=(
        Edit(
            "collector/transport.py",
            old="if self._offset is not None:",
            new="if self._offset is not None and self.agent.permission.server_now() is None:",
        ),
    ),
    red=("tests/collector/test_time.py::test_P09_requests_are_signed_by_the_time_that_a_refusal_names",),
)
