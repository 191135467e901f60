from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A step says that it is done before another credential has looked",
    changes=(
        Edit(
            "portal/deletion/own_store.py",
            old="            free, held = self._read_back(claimed, bounds)\n",
            new="            free, held = 0, 0\n",
        ),
    ),
    red=("tests/deletion/test_holds.py::test_R03_a_held_record_is_counted_and_goes_after_its_release",),
)
