from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="A password that a terminal asks for is captured as text",
    changes=(
        Edit(
            "collector/terminals.py",
            old="    return bool(local & termios.ICANON and not local & termios.ECHO)",
            new="    return False",
        ),
    ),
    red=("tests/collector/test_real_input.py::test_P07_a_password_that_a_terminal_asks_for_leaves_nothing",),
)
