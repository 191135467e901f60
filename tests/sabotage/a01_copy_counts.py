from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="A copy of a signature counts after it was taken back",
    changes=(
        Edit(
            "ballot/service.py",
            old="            if held.mark is Mark.VOID and not again:\n",
            new="            if held.mark is Mark.VOID and False:\n",
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_taken_back_before_it_came_it_is_not_counted_when_a_copy_comes",),
)
