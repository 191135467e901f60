from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A trust document counts when its own keys signed it, whoever brought them",
    changes=(
        Edit(
            "wire/succession.py",
            old="for trust in (pinned, new)):",
            new="for trust in (new,)):",
        ),
    ),
    red=(
        "tests/wire/test_succession.py::test_P03_a_step_without_all_four_voices_is_refused",
        "tests/collector/test_trust.py::test_P03_a_server_with_every_online_key_widens_nothing",
    ),
)
