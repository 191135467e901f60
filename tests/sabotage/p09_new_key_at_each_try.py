from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P09",
    breaks="A lost answer uses the code up",
    changes=(Edit("collector/identity.py", old='kept.get("code") == digest', new='kept.get("code") == code'),),
    red=("tests/collector/test_commands.py::test_P09_after_a_lost_answer_the_same_command_adds_the_same_device",),
)
