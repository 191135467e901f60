from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Nobody asks what all shares say together",
    changes=(
        Edit(
            "portal/releases/shares.py",
            old="while more := intervals.missing(unseen):",
            new="while more := set[Known]():",
        ),
    ),
    red=("tests/releases/test_shares.py::test_A04_no_share_of_300_organisations_tells_of_fewer_than_k_people",),
)
