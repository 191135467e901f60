from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="What an agent calls its configuration is kept at any length, for as many runs as it says",
    changes=(
        Edit("gateway/opamp.py", old='said if len(said) == HASH_BYTES else b""', new="said"),
        Edit("gateway/polls.py", old="RUNS = 8", new="RUNS = 8_000"),
    ),
    red=(
        "tests/gateway/test_shares.py::test_R04_what_an_agent_calls_itself_and_its_configuration_is_not_kept_at_any_length[hash]",
    ),
)
