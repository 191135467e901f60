from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="One key of the council decides how few people a number stands for",
    changes=(Edit("wire/grouping.py", old="if not trust.enough(signers):", new="if not signers:"),),
    red=("tests/wire/test_councils.py::test_A04_the_smallest_group_is_the_central_councils",),
)
