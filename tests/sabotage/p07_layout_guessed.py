from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P07",
    breaks="Right around a change of layout the characters of keys are guessed",
    changes=(
        Edit(
            "collector/keymap.py",
            old="    return (at - changed + _HALF) % (2 * _HALF) - _HALF <= UNSURE_MS\n",
            new="    return False\n",
        ),
    ),
    red=("tests/collector/test_keyboards.py::test_P07_nothing_is_guessed_around_a_change",),
)
