from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L04",
    breaks="A later log passes for one that begins with what was kept, whatever it begins with",
    changes=(
        Edit(
            "verify_receipt.py",
            old="require((before, after) == (old_root, new_root),",
            new="require(after == new_root,",
        ),
    ),
    red=(
        "tests/audit/test_consistency.py::test_L04_a_rewritten_log_does_not_begin_with_a_kept_checkpoint",
        "tests/audit/test_consistency.py::test_L04_two_entries_that_changed_places_are_found",
    ),
)
