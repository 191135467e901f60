from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="Each refusal writes a row, however many there are",
    changes=(
        Edit(
            "gateway/bounds.py",
            old="        if known.counts[slot] >= LINES:\n            return Line.NOT_WRITTEN\n",
            new="",
        ),
    ),
    red=("tests/gateway/test_bounds.py::test_R04_lines_of_refusals_end_and_the_last_says_so",),
)
