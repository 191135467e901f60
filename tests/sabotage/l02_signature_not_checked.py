from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L02",
    breaks="Anybody's key signs checkpoints",
    changes=(
        Edit(
            "wire/checkpoint.py",
            old="        if name == key.name and raw[:_KEY_ID_BYTES] == key.key_id:\n"
            "            _check(text, raw[_KEY_ID_BYTES:], key)\n",
            new="        if name == key.name:\n",
        ),
    ),
    red=("tests/audit/test_verifying.py::test_L02_a_rewritten_log_does_not_bear_the_logs_signature",),
)
