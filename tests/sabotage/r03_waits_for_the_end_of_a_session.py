from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A Hive server that never answers the end of a session holds its step for an hour",
    changes=(
        Edit("portal/sources/connectors/hive/sessions.py", old="        self.socket.setTimeout(END_MS)\n", new=""),
    ),
    red=("tests/sources/test_hive_sessions.py::test_R03_a_server_that_never_ends_a_session_holds_nobody_up",),
)
