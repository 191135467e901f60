from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="What a segment takes of a day is what its header claims, however large its body",
    changes=(
        Edit(
            "portal/capture/volumes.py",
            old="min(LARGEST[kind], size + size // 128 + SEALED)",
            new="max(LARGEST[kind], size + size // 128 + SEALED)",
        ),
    ),
    red=("tests/gateway/test_bounds.py::test_R04_keys_as_large_as_screenshots_are_refused",),
)
