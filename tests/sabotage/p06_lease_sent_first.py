from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A lease is sent that the server does not remember",
    changes=(
        Edit(
            "gateway/hub.py",
            old="await link.statement(lambda connection: store.write_permits(connection, _held(others.values())))",
            new="_held(others.values())",
        ),
    ),
    red=(
        "tests/gateway/test_opamp.py::test_P06_the_lease_is_remembered_before_it_is_sent",
        "tests/gateway/test_thread.py::test_P06_an_honest_device_from_lease_to_pause_and_back",
    ),
)
