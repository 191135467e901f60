from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="A device's segment whose counts name something else is stored, and the person's pages cannot be drawn",
    changes=(
        Edit(
            "portal/capture/rules.py",
            old="    if header.counts.keys() != COUNTED[header.kind]:\n        return Refusal.BAD_HEADER\n",
            new="",
        ),
    ),
    red=("tests/gateway/test_extremes.py::test_R04_counts_that_are_not_those_of_the_kind_are_refused",),
)
