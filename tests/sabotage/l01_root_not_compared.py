from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L01",
    breaks="Every proof of the right length proves inclusion",
    changes=(Edit("wire/merkle.py", old="    if result != root:", new="    if not root:"),),
    red=("tests/wire/test_merkle.py::test_L01_inclusion_of_any_leaf_in_any_tree",),
)
