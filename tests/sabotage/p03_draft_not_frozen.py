from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A draft is submitted without the hash of what it changes",
    changes=(
        Edit(
            "portal/policies/drafts/rules.py",
            old="return stated(*change(published, numbered))",
            new="return stated(numbered, numbered)",
        ),
    ),
    red=("tests/policies/test_pages.py::test_P03_submitting_freezes_the_document_with_the_hash_of_its_difference",),
)
