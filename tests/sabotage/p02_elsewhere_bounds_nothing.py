from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A device that may not obey its policy any more forgets it, and takes an older one",
    changes=(
        Edit(
            "collector/obeyed.py",
            old="            self._bounded_by(newest)\n",
            new="            pass\n",
        ),
    ),
    red=("tests/collector/test_councils.py::test_P02_what_is_for_elsewhere_by_now_still_bounds_the_next_one",),
)
