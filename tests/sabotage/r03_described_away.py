from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A second description of a source drops the datasets of the first without a word",
    changes=(
        Edit(
            "portal/sources/surveying.py",
            old="    if going and not replace:\n",
            new="    if going and replace is None:\n",
        ),
    ),
    red=("tests/sources/test_stores.py::test_R03_what_a_newer_description_leaves_out_goes_only_when_somebody_says_so",),
)
