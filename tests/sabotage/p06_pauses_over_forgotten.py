from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What comes late from inside a pause that is over by now is stored",
    changes=(
        Edit(
            "gateway/facts.py",
            old="    return [from_ms(earliest[person]) for person in people]\n",
            new="    return [from_ms(now) for _ in people]\n",
        ),
    ),
    red=("tests/gateway/test_pauses_over.py::test_P06_what_comes_late_from_inside_a_pause_that_is_over_is_refused",),
)
