from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="The officer may add a version to the council's minutes",
    changes=(
        Edit(
            "portal/council/documents.py",
            old="    if versions[0].kind not in shelf.kinds:\n        abort(403)\n",
            new="",
        ),
    ),
    red=("tests/council/test_papers.py::test_S11_each_side_writes_its_own_and_reads_the_others",),
)
