from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="Two histories of one size pass for one",
    changes=(
        Edit("verify_receipt.py", old="known.setdefault(size, root) == root,", new="known.setdefault(size, root),"),
    ),
    red=("tests/audit/test_consistency.py::test_L04_a_fork_of_the_same_size_is_found",),
)
