from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="One of the two signatures is enough to record again",
    changes=(
        Edit(
            "wire/stopping.py",
            old="if not councils.both(trust, resume.sites, signers):",
            new="if not signers:",
        ),
    ),
    red=(
        "tests/collector/test_stops.py::test_P03_a_compromised_server_cannot_end_it",
        "tests/wire/test_stopping.py::test_P03_no_other_signatures_end_a_stop",
    ),
)
