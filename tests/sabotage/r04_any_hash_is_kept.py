from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="What an agent calls its configuration is kept at any length",
    changes=(Edit("gateway/opamp.py", old='said if len(said) == HASH_BYTES else b""', new="said"),),
    red=(
        "tests/gateway/test_shares.py::test_R04_what_an_agent_calls_itself_and_its_configuration_is_not_kept_at_any_length[hash]",
    ),
)
