from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A chain of trust documents that ends before the pinned one is taken for no news",
    changes=(Edit("wire/succession.py", old="if versions[-1] < pinned.version:", new="if not versions:"),),
    red=(
        "tests/wire/test_succession.py::test_P02_a_gap_a_rollback_and_another_document_under_the_pinned_version_are_refused",
        "tests/collector/test_trust.py::test_P03_the_moved_pin_is_kept_on_disk_and_never_goes_back",
    ),
)
