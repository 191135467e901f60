from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A look finds rows that came after a freeze, and nothing moves them",
    changes=(
        Edit(
            "portal/deletion/keeping.py",
            old="            if held is not None and lies is not None and lies.readable:",
            new="            if held is None and lies is not None and lies.readable:",
        ),
    ),
    red=("tests/deletion/test_keeping.py::test_R03_what_is_written_after_a_freeze_is_frozen_and_comes_back",),
)
