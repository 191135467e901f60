from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P01",
    breaks="The officer alone may say whom to trust",
    changes=(
        Edit(
            "wire/documents.py",
            old="if not (signers & officers.keys() and trust.enough(signers)):",
            new="if not signers & officers.keys():",
        ),
    ),
    red=("tests/wire/test_documents.py::test_P01_trust_needs_officer_and_council",),
)
