from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="A token that was used counts again",
    changes=(
        Edit(
            "wire/token.py",
            old="hashlib.sha256(NULLIFIER + petition.bytes + prepared).digest()",
            new='hashlib.sha256(NULLIFIER + prepared + __import__("os").urandom(8)).digest()',
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_a_token_handed_in_a_hundred_times_at_once_counts_once",),
)
