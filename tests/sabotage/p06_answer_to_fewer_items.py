from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="An answer closes what was found while it was written, unseen",
    changes=(Edit("migrations/versions/20261130_1670_settling.py", old=" AND items = p_items AND me", new=" AND me"),),
    red=("tests/reconciliation/test_settling.py::test_P06_an_answer_to_fewer_items_than_there_are_closes_nothing",),
)
