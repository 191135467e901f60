from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="`python -m portal sign` shows its difference without comparing it with the one in the document",
    changes=(
        Edit(
            "portal/signing/bundle.py",
            old="if whole.new.difference != difference.digest(old, whole.new, others):",
            new="if not whole.new.difference:",
        ),
    ),
    red=("tests/signing/test_signing.py::test_P03_what_is_not_as_it_says_is_not_signed",),
)
