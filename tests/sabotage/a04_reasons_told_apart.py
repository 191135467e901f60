from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="What was hidden for another number's sake is told from what few people made",
    changes=(Edit("portal/releases/actions.py", old="table.hidden[value].told", new="table.hidden[value]"),),
    red=("tests/releases/test_shares.py::test_A04_one_reason_is_published_for_a_hidden_value",),
)
